package dev.limpet.node.home;

import dev.limpet.core.ledger.ShardHome;

/** Brings the memory of a shard's processes to the node that it is about to move to. */
@FunctionalInterface
public interface Carrier {
  /** Waits until the target has all of it; false if that does not come about in time. */
  boolean carry(int shard, ShardHome.Move move, long image, byte[] memories, long untilNanos)
      throws InterruptedException;
}
