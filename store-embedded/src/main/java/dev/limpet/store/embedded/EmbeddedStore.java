package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Proposer;
import dev.limpet.engine.Store;
import dev.limpet.engine.StoreWire;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The store that lives on the nodes themselves: writes are entries of a replicated log, reads come from this node's own
 * replica once it is far enough. Thread-safe. Owns neither the replica nor the log; close it before them.
 */
public final class EmbeddedStore implements Store {
  /** How long a load waits for this node's replica. */
  public static final Duration LOAD_WAIT = Duration.ofSeconds(5);

  private final RocksStateMachine local;
  private final Proposer proposer;
  private final int commitBytesMax;
  private final Duration proposeTimeout;
  private final Duration loadWait;
  private final Executor loads;
  private volatile boolean closed;

  /**
   * A store over an open replica.
   *
   * @param local this node's replica, which the log applies to
   * @param proposer appends to that log from this node
   * @param entryBytesMax the largest entry that the log takes
   * @param proposeTimeout after this long a write fails with its outcome unknown
   */
  public EmbeddedStore(
      RocksStateMachine local, Proposer proposer, int entryBytesMax, Duration proposeTimeout) {
    this(local, proposer, entryBytesMax, proposeTimeout, LOAD_WAIT);
  }

  EmbeddedStore(
      RocksStateMachine local,
      Proposer proposer,
      int entryBytesMax,
      Duration proposeTimeout,
      Duration loadWait) {
    if (entryBytesMax <= StoreWire.OVERHEAD_BYTES) {
      throw new IllegalArgumentException("entries of " + entryBytesMax + " bytes hold no commit");
    }
    this.local = local;
    this.proposer = proposer;
    this.commitBytesMax = entryBytesMax - StoreWire.OVERHEAD_BYTES;
    this.proposeTimeout = proposeTimeout;
    this.loadWait = loadWait;
    Thread.Builder.OfVirtual threads = Thread.ofVirtual().name("limpet-store-load-", 0);
    this.loads = task -> threads.start(task);
  }

  @Override
  public CompletableFuture<List<ClaimReply>> claim(List<Claim> claims) {
    byte[] entry = StoreWire.encodeClaims(claims);
    return propose(entry, applied -> StoreWire.decodeClaimed(applied.reply(), applied.index()));
  }

  @Override
  public CompletableFuture<Committed> commit(List<Part> parts) {
    StoreWire.checkParts(parts, commitBytesMax);
    byte[] entry = StoreWire.encodeCommit(parts);
    return propose(entry, applied -> StoreWire.decodeCommitted(applied.reply(), applied.index()));
  }

  /** Reads on the caller's thread if this node's replica is far enough, which it mostly is, else when it got there. */
  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    if (closed) {
      return closedFailure();
    }
    if (local.appliedIndex() >= atLeast) {
      try {
        return CompletableFuture.completedFuture(read(shard, id));
      } catch (LogException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
    CompletableFuture<Map<String, byte[]>> answer = new CompletableFuture<>();
    forward(
        local.reached(atLeast, loadWait).thenApplyAsync(index -> read(shard, id), loads), answer);
    return answer;
  }

  private Map<String, byte[]> read(int shard, ProcessId id) {
    try {
      return local.load(shard, id);
    } catch (IOException e) {
      throw new LogException(
          "the state of " + id + " cannot be read on this node: " + e.getMessage(), false, e);
    }
  }

  /**
   * Done when this node's replica contains everything that was committed when this was called; fails if the log could not
   * be written, or the replica did not get there in time.
   */
  public CompletableFuture<Long> caughtUp(Duration time) {
    if (closed) {
      return closedFailure();
    }
    // An entry that changes nothing: what was committed before it lies below it.
    CompletableFuture<Long> answer = new CompletableFuture<>();
    forward(
        proposer
            .propose(StoreWire.encodeClaims(List.of()), proposeTimeout)
            .thenCompose(applied -> local.reached(applied.index(), time)),
        answer);
    return answer;
  }

  @Override
  public int commitBytesMax() {
    return commitBytesMax;
  }

  @Override
  public void close() {
    closed = true;
  }

  private <T> CompletableFuture<T> propose(byte[] entry, Function<Applied, T> decode) {
    if (closed) {
      return closedFailure();
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    forward(proposer.propose(entry, proposeTimeout).thenApply(decode), answer);
    return answer;
  }

  /** A failure arrives bare, not inside the exception that each further step would wrap around it. */
  private static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
    CompletableFuture<T> unused =
        from.whenComplete((answer, failure) -> {
          if (failure == null) {
            to.complete(answer);
          } else {
            boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
            to.completeExceptionally(wrapped ? failure.getCause() : failure);
          }
        });
  }

  private static <T> CompletableFuture<T> closedFailure() {
    return CompletableFuture.failedFuture(
        new LogException("the store on this node is closed", false));
  }
}
