package dev.limpet.sim;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.fence.Fence.ClaimDecision;
import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.engine.PinTable;
import dev.limpet.engine.Store;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One replica of the store: fences by shard and by pinned process, and the saved state of each key. */
final class SimStore {
  private final Map<Integer, Fence> fences = new HashMap<>();
  private final PinTable pins = new PinTable();
  private final Map<String, Saved> saved = new HashMap<>();

  /**
   * A counter's saved state.
   *
   * @param results by idempotency key, saved with the state that they belong to (rule 13)
   */
  record Saved(long value, Map<String, Long> results) {
    static final Saved NOTHING = new Saved(0, Map.of());

    /** How many answers are kept; beyond it new keys are refused. */
    static final int RESULTS_MAX = 40;

    boolean hasRoomFor(String idempotencyKey) {
      return idempotencyKey.isEmpty() || results.size() < RESULTS_MAX;
    }

    Saved added(String idempotencyKey) {
      if (idempotencyKey.isEmpty()) {
        return new Saved(value + 1, results);
      }
      TreeMap<String, Long> more = new TreeMap<>(results);
      more.put(idempotencyKey, value + 1);
      return new Saved(value + 1, Collections.unmodifiableMap(more));
    }
  }

  sealed interface Entry {
    /**
     * A claim.
     *
     * @param pinned the process, if the shard is a pin's; else empty
     */
    record Claim(int shard, long epoch, long number, long owner, String pinned, int hashed)
        implements Entry {}

    /** A batch of one shard. */
    record Part(
        int shard, long epoch, long claim, long sequence, List<Change> changes, boolean ends)
        implements Entry {}

    /** Saves nothing: asks whether the store takes entries. */
    record Nothing() implements Entry {}
  }

  /** One turn's change: the key's new state, and the operation that made it. */
  record Change(String key, Saved state, long operation) {}

  sealed interface Reply {
    record Granted(long index, long claim, Fence fence) implements Reply {
      OptionalLong lastSequenceOf(long earlierClaim) {
        return fence.lastSequenceOf(earlierClaim);
      }
    }

    record Refused(Fence standing) implements Reply {}

    record Part(PartDecision decision) implements Reply {}
  }

  Reply apply(long index, Entry entry) {
    Reply reply =
        switch (entry) {
          case Entry.Claim c -> claim(index, c);
          case Entry.Part p -> new Reply.Part(part(p));
          case Entry.Nothing ignored -> new Reply.Part(PartDecision.ACCEPTED);
        };
    pins.keep();
    return reply;
  }

  private Reply claim(long index, Entry.Claim c) {
    ClaimDecision decision;
    if (c.pinned.isEmpty()) {
      decision = fences.getOrDefault(c.shard, Fence.NONE).claim(c.epoch, c.number, c.owner);
      if (decision instanceof ClaimDecision.Granted(Fence next)) {
        fences.put(c.shard, next);
      }
    } else {
      Store.Pinned pinned = new Store.Pinned(id(c.pinned), c.hashed);
      decision = pins.claim(new Store.Claim(c.shard, c.epoch, c.number, c.owner, pinned), pinned);
    }
    return switch (decision) {
      case ClaimDecision.Granted(Fence next) -> new Reply.Granted(index, c.number, next);
      case ClaimDecision.Refused(Fence standing) -> new Reply.Refused(standing);
    };
  }

  private PartDecision part(Entry.Part p) {
    PinTable.@Nullable Row pin = pins.numbered(p.shard);
    PartDecision decision;
    if (pin != null) {
      decision = pins.part(pin, p.epoch, p.claim, p.sequence, p.ends);
    } else {
      Fence fence = fences.getOrDefault(p.shard, Fence.NONE);
      decision = fence.part(p.epoch, p.claim, p.sequence);
      if (decision == PartDecision.ACCEPTED
          && p.changes.stream().anyMatch(c -> pins.isPinned(id(c.key)))) {
        decision = PartDecision.FENCED;
      }
      if (decision == PartDecision.ACCEPTED) {
        fences.put(p.shard, fence.accepted());
      }
    }
    if (decision == PartDecision.ACCEPTED) {
      p.changes.forEach(c -> saved.put(c.key, c.state));
    }
    return decision;
  }

  static ProcessId id(String key) {
    return new ProcessId("counter", key);
  }

  Saved load(String key) {
    return saved.getOrDefault(key, Saved.NOTHING);
  }
}
