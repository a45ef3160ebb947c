package dev.limpet.node.home;

import dev.limpet.core.passivation.Coldest;
import dev.limpet.core.passivation.Uses;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends processes out of memory, those of a type that has more of them there than its {@code inMemoryMax}. Used by one
 * thread at a time: looks at all processes are made one after the other.
 */
final class MemoryBounds {
  private final Map<HostedType, Bound> bounds = new HashMap<>();

  /** When the last look was made, as of {@link Services#idleMillis}. */
  private long lookedAt = Long.MIN_VALUE;

  private static final class Bound {
    final Uses uses = new Uses();
    final int max;
    int count;

    Bound(int max) {
      this.max = max;
    }
  }

  /** A look begins; each process in memory is {@link #sees seen} in it once. */
  void begins() {
    for (Bound bound : bounds.values()) {
      bound.uses.look(bound.count);
      bound.count = 0;
    }
  }

  void sees(Activation a) {
    int max = a.type().options().inMemoryMax();
    if (max == 0) {
      return;
    }
    Bound bound = bounds.computeIfAbsent(a.type(), type -> new Bound(max));
    a.uses = (byte) bound.uses.next(a.uses, a.usedAtMillis() >= lookedAt, a.id().hashCode());
    bound.count++;
  }

  /** The look is over; returns how many processes it ended. */
  int ends(long nowMillis, List<Ownership> all) {
    lookedAt = nowMillis;
    int ended = 0;
    for (Map.Entry<HostedType, Bound> each : bounds.entrySet()) {
      Bound bound = each.getValue();
      if (bound.count > bound.max) {
        ended += endColdest(each.getKey(), bound, all);
      }
    }
    return ended;
  }

  private static int endColdest(HostedType type, Bound bound, List<Ownership> all) {
    Coldest coldest = new Coldest();
    List<Seen> seen = new ArrayList<>();
    for (Ownership own : all) {
      for (Activation a : own.live()) {
        // What came into memory since has no count yet; it is not chosen before it was seen once.
        if (a.type() == type && a.uses > 0) {
          Seen one = new Seen(own, a, a.usedAtMillis());
          seen.add(one);
          coldest.add(a.uses, one.usedAt);
        }
      }
    }
    coldest.choose(bound.count - bound.max);
    int ended = 0;
    for (Seen one : seen) {
      if (coldest.take(one.copy.uses, one.usedAt) && one.own.end(one.copy, one.usedAt)) {
        bound.uses.leaves(one.copy.uses, one.copy.id().hashCode());
        ended++;
      }
    }
    return ended;
  }

  private record Seen(Ownership own, Activation copy, long usedAt) {}
}
