package dev.limpet.core.ledger;

import java.util.HashMap;
import java.util.Map;

/**
 * How long a member has to have served before its shards come home. A node that dies again and again must not drag its
 * shards to and fro: each time it expires, it has to stay twice as long as the last time. A node that leaves by itself
 * and returns, as in a deploy, is no such node. Soft state, kept by each replica of the ledger; not thread-safe.
 */
public final class Settling {
  /** How often the stay is doubled at most. */
  private static final int DOUBLED_MAX = 6;

  private final long stayNanos;
  private final long calmNanos;
  private final Map<String, Expiries> byName = new HashMap<>();

  private record Expiries(int count, long lastAt) {}

  /**
   * Knows of no expiry.
   *
   * @param stayNanos how long a node must have held its lease before its shards come home
   * @param calmNanos after how long without an expiry a node's expiries are forgotten
   */
  public Settling(long stayNanos, long calmNanos) {
    this.stayNanos = stayNanos;
    this.calmNanos = calmNanos;
  }

  /** That node's registration was ended by an expiry. */
  public void expired(String node, long now) {
    byName.values().removeIf(e -> now - e.lastAt > calmNanos);
    byName.merge(node, new Expiries(1, now), (before, one) -> new Expiries(before.count + 1, now));
  }

  /** How long that node has to have held its lease, in nanoseconds. */
  public long stayNanos(String node, long now) {
    Expiries expiries = byName.get(node);
    // The first expiry costs nothing more: everybody dies once.
    return expiries == null || now - expiries.lastAt > calmNanos
        ? stayNanos
        : stayNanos << Math.min(expiries.count - 1, DOUBLED_MAX);
  }
}
