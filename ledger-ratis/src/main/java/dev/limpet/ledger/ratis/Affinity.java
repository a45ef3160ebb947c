package dev.limpet.ledger.ratis;

import dev.limpet.engine.Leadership;
import org.jspecify.annotations.Nullable;

/*
 * Keeps the leader of one group on the node that leads another, so that one death costs one election (rule 20).
 *
 * Only the follower group's leader acts, only after both leaderships have stood unchanged for a while in which the other
 * leader answered, and less and less often when it fails. A transfer refuses writes for a moment, and for longer when that
 * one is slow to answer: right after a failure, when processes are on their way to new homes, it would double their
 * silence. Two leaders do no harm meanwhile, but that voters are not replaced; so it must not wait for those that are gone.
 *
 * While the following group has hardly any entries, a moment is enough: nobody waits for it yet.
 */
final class Affinity {
  static final long STABLE_NANOS = 10_000_000_000L;
  private static final long YOUNG_STABLE_NANOS = 1_000_000_000L;
  private static final long BACK_OFF_NANOS_MAX = 60_000_000_000L;

  private @Nullable Leadership followed;
  private @Nullable Leadership following;
  private long unchangedSinceNanos;
  private long notBeforeNanos;
  private long backOffNanos = STABLE_NANOS;

  /**
   * The node that should lead the following group instead of this one, or null to leave things as they are.
   *
   * @param answers whether the node that leads the followed group has answered this one lately, as a replica of the
   *     following group
   * @param young whether the following group has hardly been used
   */
  @Nullable String moveTo(
      long nowNanos,
      Leadership followedNow,
      Leadership followingNow,
      boolean answers,
      boolean young) {
    if (!answers || !followedNow.equals(followed) || !followingNow.equals(following)) {
      followed = followedNow;
      following = followingNow;
      unchangedSinceNanos = nowNanos;
      return null;
    }
    var target = followedNow.leader();
    if (!followingNow.self() || target == null) {
      return null;
    }
    if (target.equals(followingNow.leader())) {
      backOffNanos = STABLE_NANOS;
      notBeforeNanos = nowNanos;
      return null;
    }
    long stable = young ? YOUNG_STABLE_NANOS : STABLE_NANOS;
    if (nowNanos - unchangedSinceNanos < stable || nowNanos - notBeforeNanos < 0) {
      return null;
    }
    notBeforeNanos = nowNanos + backOffNanos;
    backOffNanos = Math.min(2 * backOffNanos, BACK_OFF_NANOS_MAX);
    return target;
  }
}
