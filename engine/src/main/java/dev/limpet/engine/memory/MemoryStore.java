package dev.limpet.engine.memory;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.engine.FencedReplies;
import dev.limpet.engine.LogException;
import dev.limpet.engine.PinTable;
import dev.limpet.engine.Store;
import dev.limpet.engine.StoreWire;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store in this process's memory: gone with it, fenced like every other. Answers before the call returns, unless a
 * {@link Hook} holds an operation back. Thread-safe.
 */
public final class MemoryStore implements Store {
  private static final int COMMIT_BYTES_MAX = 4 << 20;

  private final @Nullable Hook hook;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Shard> shards = new HashMap<>(); // guarded by lock
  private final PinTable pins = new PinTable(); // guarded by lock
  private long index; // guarded by lock; of the last claim or commit
  private boolean closed; // guarded by lock

  /** One shard's fence and rows. */
  private static final class Shard {
    private Fence fence = Fence.NONE;
    private final Map<ProcessId, Map<String, byte[]>> rows = new HashMap<>();
  }

  /** A call to the store, as a {@link Hook} sees it. */
  public sealed interface Operation {
    /** A {@link Store#claim}. */
    record Claiming(List<Claim> claims) implements Operation {}

    /** A {@link Store#load}. */
    record Loading(int shard, ProcessId id, long atLeast) implements Operation {}

    /** A {@link Store#commit}. */
    record Committing(List<Part> parts) implements Operation {}
  }

  /** What stands around each operation: lets a test delay it, drop it, fail it, or lose its answer. */
  public interface Hook {
    /** The operation takes effect when this completes. If it fails, that is the answer, and nothing took effect. */
    default CompletionStage<?> before(Operation operation) {
      return CompletableFuture.completedStage(operation);
    }

    /** The operation took effect and is answered when this completes. If it fails, that is the answer. */
    default CompletionStage<?> after(Operation operation) {
      return CompletableFuture.completedStage(operation);
    }
  }

  /** An empty store that answers at once. */
  public MemoryStore() {
    this.hook = null;
  }

  /** An empty store whose operations pass through the hook. */
  public MemoryStore(Hook hook) {
    this.hook = hook;
  }

  @Override
  public CompletableFuture<List<ClaimReply>> claim(List<Claim> claims) {
    List<Claim> all = List.copyOf(claims);
    StoreWire.checkClaims(all);
    return run(new Operation.Claiming(all), () -> claimAll(all));
  }

  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    return hook == null
        ? loadAtOnce(shard, id, atLeast)
        : run(new Operation.Loading(shard, id, atLeast), () -> loadOne(shard, id, atLeast));
  }

  private CompletableFuture<Map<String, byte[]>> loadAtOnce(int shard, ProcessId id, long atLeast) {
    lock.lock();
    try {
      checkOpen();
      return CompletableFuture.completedFuture(loadOne(shard, id, atLeast));
    } catch (LogException e) {
      return CompletableFuture.failedFuture(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletableFuture<Committed> commit(List<Part> parts) {
    List<Part> all = List.copyOf(parts);
    StoreWire.checkParts(all, COMMIT_BYTES_MAX);
    return run(new Operation.Committing(all), () -> commitAll(all));
  }

  @Override
  public int commitBytesMax() {
    return COMMIT_BYTES_MAX;
  }

  /** The processes of one type that have saved columns in a shard, by key, at most {@code limit}. */
  public List<ProcessId> scan(int shard, String type, int limit) {
    lock.lock();
    try {
      Shard s = shards.get(shard);
      if (s == null) {
        return List.of();
      }
      return s.rows.keySet().stream()
          .filter(id -> id.type().equals(type))
          .sorted(Comparator.comparing(ProcessId::key))
          .limit(limit)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private <T> CompletableFuture<T> run(Operation operation, Supplier<T> effect) {
    Hook around = hook;
    if (around == null) {
      try {
        return CompletableFuture.completedFuture(locked(effect));
      } catch (LogException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
    // A future of its own, so that a failure arrives bare as it does from an engine, and not inside
    // another exception.
    CompletableFuture<T> answered = new CompletableFuture<>();
    around
        .before(operation)
        .thenApply(passed -> locked(effect))
        .thenCompose(answer -> around.after(operation).thenApply(passed -> answer))
        .whenComplete((answer, failure) -> {
          if (failure == null) {
            answered.complete(answer);
          } else {
            boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
            answered.completeExceptionally(wrapped ? failure.getCause() : failure);
          }
        });
    return answered;
  }

  private <T> T locked(Supplier<T> effect) {
    lock.lock();
    try {
      checkOpen();
      return effect.get();
    } finally {
      lock.unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new LogException("the store is closed", false);
    }
  }

  private List<ClaimReply> claimAll(List<Claim> claims) {
    long at = ++index;
    List<ClaimReply> replies = new ArrayList<>(claims.size());
    for (Claim c : claims) {
      if (c.pinned() != null) {
        replies.add(FencedReplies.of(pins.claim(c, c.pinned()), at));
        continue;
      }
      Shard shard = shards.computeIfAbsent(c.shard(), number -> new Shard());
      Fence.ClaimDecision decision = shard.fence.claim(c.epoch(), c.number(), c.owner());
      if (decision instanceof Fence.ClaimDecision.Granted granted) {
        shard.fence = granted.next();
      }
      replies.add(FencedReplies.of(decision, at));
    }
    pins.keep();
    return List.copyOf(replies);
  }

  private Map<String, byte[]> loadOne(int shard, ProcessId id, long atLeast) {
    if (atLeast > index) {
      throw new LogException(
          "asked for a state of at least " + atLeast + ", but only " + index + " was given", false);
    }
    Shard s = shards.get(shard);
    Map<String, byte[]> saved = s == null ? null : s.rows.get(id);
    if (saved == null) {
      return Map.of();
    }
    Map<String, byte[]> columns = new LinkedHashMap<>();
    saved.forEach((column, value) -> columns.put(column, value.clone()));
    return columns;
  }

  private Committed commitAll(List<Part> parts) {
    long at = ++index;
    List<PartReply> replies = new ArrayList<>(parts.size());
    for (Part part : parts) {
      PinTable.Row pin = pins.numbered(part.shard());
      int rows = pin == null ? part.shard() : pin.hashed();
      Shard shard = shards.computeIfAbsent(rows, number -> new Shard());
      Fence.PartDecision decision = pin == null ? decide(shard, part) : decide(pin, part);
      if (decision == Fence.PartDecision.ACCEPTED) {
        part.changes().forEach(change -> change(shard, change));
      }
      replies.add(FencedReplies.of(decision));
    }
    pins.keep();
    return new Committed(at, List.copyOf(replies));
  }

  private Fence.PartDecision decide(Shard shard, Part part) {
    Fence.PartDecision decision = shard.fence.part(part.epoch(), part.claim(), part.sequence());
    if (decision == Fence.PartDecision.ACCEPTED) {
      if (part.changes().stream().anyMatch(c -> pins.isPinned(c.id()))) {
        return Fence.PartDecision.FENCED;
      }
      shard.fence = shard.fence.accepted();
    }
    return decision;
  }

  private Fence.PartDecision decide(PinTable.Row pin, Part part) {
    return part.changes().stream().allMatch(c -> c.id().equals(pin.id()))
        ? pins.part(pin, part.epoch(), part.claim(), part.sequence(), part.ends())
        : Fence.PartDecision.FENCED;
  }

  private static void change(Shard shard, Change change) {
    byte[] value = change.value();
    if (value != null) {
      shard
          .rows
          .computeIfAbsent(change.id(), id -> new HashMap<>())
          .put(change.column(), value.clone());
      return;
    }
    shard.rows.computeIfPresent(
        change.id(),
        (id, columns) -> {
          columns.remove(change.column());
          return columns.isEmpty() ? null : columns;
        });
  }
}
