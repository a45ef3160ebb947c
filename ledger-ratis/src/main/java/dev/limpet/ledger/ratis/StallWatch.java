package dev.limpet.ledger.ratis;

/*
 * Notices a leader whose entries do not commit. Ratis checks its majority only when no event arrives for a while, and a
 * steady stream of local writes is a stream of events: a cut-off leader under load never steps down by itself.
 */
final class StallWatch {
  private final long limitNanos;
  private long lastTickNanos;
  private long commitIndex = -1;
  private long movedNanos;

  StallWatch(long limitNanos) {
    this.limitNanos = limitNanos;
  }

  /**
   * One look.
   *
   * @param oldestNanos how long the oldest entry of this leader waits
   * @return whether the leader should step down
   */
  boolean stalled(long nowNanos, long commitIndexNow, long oldestNanos) {
    boolean paused = lastTickNanos != 0 && nowNanos - lastTickNanos > limitNanos / 2;
    lastTickNanos = nowNanos;
    // After a pause of our own the others deserve a full wait.
    if (commitIndexNow != commitIndex || paused || movedNanos == 0) {
      commitIndex = commitIndexNow;
      movedNanos = nowNanos;
      return false;
    }
    if (oldestNanos > limitNanos && nowNanos - movedNanos > limitNanos) {
      movedNanos = nowNanos;
      return true;
    }
    return false;
  }
}
