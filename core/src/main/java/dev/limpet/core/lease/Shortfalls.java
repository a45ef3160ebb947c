package dev.limpet.core.lease;

import dev.limpet.core.ledger.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Since when members say that they do not reach the store, or their peers; by their registrations. Soft state, not
 * thread-safe.
 */
/*
 * A node may renew its lease for ever and be of no use: cut off from the store it answers no call that saves, cut off from
 * its peers it hears none. Its shards would be better off elsewhere, if there is such a place (rule 3). So after a while
 * its renewals are no longer passed on. It then goes the way of every silent node: its lease lapses, later it expires,
 * and its shards go to others; no second way that could be less safe. It joins anew when it reaches all again.
 *
 * Only a shortfall that others do not have is one. When the store is down for everybody, or the network fell apart, most
 * members say so, and nobody is let go. What a member says may be late, never dangerous: it ends its own lease at most.
 */
final class Shortfalls {
  private final Map<Long, Said> said = new TreeMap<>();

  private static final class Said {
    Reach reach = Reach.ALL;
    long noStoreSince;
    long noPeersSince;
  }

  /** A renewal of that registration was applied. */
  void said(long registration, Reach reach, long now) {
    Said s = said.computeIfAbsent(registration, r -> new Said());
    if (s.reach.store()) {
      s.noStoreSince = now;
    }
    if (s.reach.peers()) {
      s.noPeersSince = now;
    }
    s.reach = reach;
  }

  void membersAre(Map<Long, ?> members) {
    said.keySet().retainAll(members.keySet());
  }

  /** What a member last said that it reaches. */
  Reach of(long registration) {
    Said s = said.get(registration);
    return s == null ? Reach.ALL : s.reach;
  }

  /**
   * Whether a member lacks what a majority of all has, and for longer than a time.
   *
   * @param from nothing that was said before that time counts as having lasted
   * @param members how many there are
   * @param lively whether a registration has renewed lately, so that its word is of today
   */
  boolean lasting(
      long registration, long from, long patience, int members, LongPredicate lively, long now) {
    Said s = said.get(registration);
    if (s == null || s.reach.all()) {
      return false;
    }
    List<Reach> others = new ArrayList<>();
    said.forEach((r, other) -> {
      if (r != registration && lively.test(r)) {
        others.add(other.reach);
      }
    });
    long withStore = others.stream().filter(Reach::store).count();
    long withPeers = others.stream().filter(Reach::peers).count();
    return (!s.reach.store()
            && now - Math.max(s.noStoreSince, from) > patience
            && withStore > members / 2)
        || (!s.reach.peers()
            && now - Math.max(s.noPeersSince, from) > patience
            && withPeers > members / 2);
  }
}
