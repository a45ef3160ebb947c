package dev.limpet.core.ledger;

import java.util.HashMap;
import java.util.Map;

/**
 * Which members have stayed long enough to get their shards back. A node that dies again and again must not drag its
 * shards to and fro: each time it expires, it has to stay twice as long as the last time. A node that leaves by itself
 * and returns, as in a deploy, is no such node. Soft state, kept by each replica of the ledger; not thread-safe.
 */
public final class Settling {
  /** How often the stay is doubled at most. */
  private static final int DOUBLED_MAX = 6;

  private final long stayNanos;
  private final long calmNanos;
  private final Map<Long, Long> since = new HashMap<>();
  private final Map<String, Expiries> byName = new HashMap<>();

  private record Expiries(int count, long lastAt) {}

  /**
   * Knows of nobody.
   *
   * @param stayNanos how long a node must have been a member before its shards come home
   * @param calmNanos after how long without an expiry a node's expiries are forgotten
   */
  public Settling(long stayNanos, long calmNanos) {
    this.stayNanos = stayNanos;
    this.calmNanos = calmNanos;
  }

  /** The members as of a newer view. */
  public void membersAre(Placement view, long now) {
    since.keySet().retainAll(view.members().keySet());
    view.members().keySet().forEach(r -> since.putIfAbsent(r, now));
    byName.values().removeIf(e -> now - e.lastAt > calmNanos);
  }

  /** That node's registration was ended by an expiry. */
  public void expired(String node, long now) {
    byName.merge(node, new Expiries(1, now), (before, one) -> new Expiries(before.count + 1, now));
  }

  /** Whether that member may have its shards back. */
  public boolean settled(Member member, long now) {
    Long joined = since.get(member.registration());
    return joined != null && now - joined > stayNanos(member.name());
  }

  private long stayNanos(String node) {
    Expiries expiries = byName.get(node);
    // The first expiry costs nothing more: everybody dies once.
    return expiries == null ? stayNanos : stayNanos << Math.min(expiries.count - 1, DOUBLED_MAX);
  }
}
