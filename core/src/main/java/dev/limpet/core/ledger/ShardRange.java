package dev.limpet.core.ledger;

/**
 * The shards of a type that names the role that hosts it, or once did. The type keeps them for ever; its role may change.
 *
 * @param role only nodes that hold it may be home of these shards; empty for any node
 * @param first the lowest number; {@code count} follow each other
 */
public record ShardRange(String type, String role, int first, int count) {
  /** How many types may have shards of their own. */
  public static final int RANGES_MAX = 256;

  public boolean contains(int shard) {
    return shard >= first && shard - first < count;
  }

  /** How many shards a new range gets in a cluster with that many common ones. */
  static int countFor(int commonShards) {
    return Math.max(1, commonShards / 4);
  }

  ShardRange forRole(String now) {
    return new ShardRange(type, now, first, count);
  }
}
