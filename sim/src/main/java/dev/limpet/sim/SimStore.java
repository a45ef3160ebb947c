package dev.limpet.sim;

import dev.limpet.core.fence.Fence;
import dev.limpet.core.fence.Fence.ClaimDecision;
import dev.limpet.core.fence.Fence.PartDecision;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** One replica of the store: fences by shard and the saved state of each key. */
final class SimStore {
  private final Seams seams;
  private final Map<Integer, Fence> fences = new HashMap<>();
  private final Map<String, Saved> saved = new HashMap<>();

  /**
   * A counter's saved state.
   *
   * @param results by idempotency key, saved with the state that they belong to (rule 13)
   */
  record Saved(long value, Map<String, Long> results) {
    static final Saved NOTHING = new Saved(0, Map.of());

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
    record Claim(int shard, long epoch, long number, long owner) implements Entry {}

    /** A batch of one shard. */
    record Part(int shard, long epoch, long claim, long sequence, List<Change> changes)
        implements Entry {}
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

  SimStore(Seams seams) {
    this.seams = seams;
  }

  Reply apply(long index, Entry entry) {
    return switch (entry) {
      case Entry.Claim c -> {
        Fence fence = fences.getOrDefault(c.shard, Fence.NONE);
        yield switch (fence.claim(c.epoch, c.number, c.owner)) {
          case ClaimDecision.Granted g -> {
            fences.put(c.shard, g.next());
            yield new Reply.Granted(index, c.number, g.next());
          }
          case ClaimDecision.Refused r -> new Reply.Refused(r.standing());
        };
      }
      case Entry.Part p -> {
        Fence fence = fences.getOrDefault(p.shard, Fence.NONE);
        PartDecision decision = seams.part(fence, p);
        if (decision == PartDecision.ACCEPTED) {
          fences.put(p.shard, seams.accepted(fence, p));
          p.changes.forEach(c -> saved.put(c.key, c.state));
        }
        yield new Reply.Part(decision);
      }
    };
  }

  Saved load(String key) {
    return saved.getOrDefault(key, Saved.NOTHING);
  }
}
