package dev.limpet.ledger.ratis;

import dev.limpet.engine.Leadership;
import org.jspecify.annotations.Nullable;

/*
 * While voters change, a node may vote in one group and not, or not yet, in the other. If it comes to lead the group that
 * the other's leader is to be beside, that one cannot follow (rule 20), and who votes is not changed any further. Groups
 * differ by one voter, so any other peer can lead both. It waits first: mostly the change is over in a moment.
 */
/** When a leader gives its place up because the other group cannot be led from there. */
final class Misplaced {
  private @Nullable Leadership led;
  private long sinceNanos;

  /**
   * Whether the place is to be given up now; again after a while if that was in vain.
   *
   * @param votesBeside whether this node votes in each group whose leader is to be beside this one's
   */
  boolean givesUp(long nowNanos, Leadership now, boolean votesBeside) {
    if (!now.self() || votesBeside) {
      led = null;
      return false;
    }
    if (!now.equals(led)) {
      led = now;
      sinceNanos = nowNanos;
      return false;
    }
    boolean due = nowNanos - sinceNanos >= Affinity.STABLE_NANOS;
    sinceNanos = due ? nowNanos : sinceNanos;
    return due;
  }
}
