package dev.limpet.sim;

import dev.limpet.core.fence.Fence;
import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.node.Membership;

/**
 * The places at which a simulated node follows one of the protocol's rules. As it stands it follows them all; tests put
 * a broken one in its place, and the checks must find out.
 */
class Seams {
  /** What a ledger entry is when it is applied. */
  Command entry(Command entry) {
    return entry;
  }

  /** Until when a node may begin something, by its own clock: the lease counts from the sending of the renewal. */
  boolean holds(Membership membership, long now, long lastAcknowledgedAt) {
    return membership.holds(now);
  }

  /** Whether the comparison of two clocks that gives a suspended machine away is made (rule 5). */
  boolean comparesClocks() {
    return true;
  }

  PartDecision part(Fence fence, SimStore.Entry.Part part) {
    return fence.part(part.epoch(), part.claim(), part.sequence());
  }

  Fence accepted(Fence fence, SimStore.Entry.Part part) {
    return fence.accepted();
  }

  /** Whether a reply waits for the commit that it rests on (rule 11). */
  boolean repliesAfterSave() {
    return true;
  }

  /** What a load must at least contain (rule 9). */
  long loadFrom(long readFrom) {
    return readFrom;
  }

  /** What a shard is to this node, as calls see it. */
  Tenure tenure(Tenure tenure) {
    return tenure;
  }

  /** Whether "fenced" as the answer to a commit that was sent more than once says nothing about the first (rule 10). */
  boolean fencedAfterRepeatIsUnknown() {
    return true;
  }

  /** Whether a port that does not answer is taken for one that refuses (rule 6). */
  boolean takesSilenceForARefusal() {
    return false;
  }
}
