package dev.limpet.core.supervise;

/**
 * When a node gives up its disk: not at the first write that is refused, which somebody who just removes old files
 * explains, but when none succeeds for a while. Not thread-safe.
 */
public final class DiskTrouble {
  private final long patienceNanos;
  private boolean refusing;
  private long refusingSince;
  private boolean givenUp;

  /** What to do after a write. */
  public enum Verdict {
    /** Nothing: all is well, or it was said before. */
    GO_ON,
    /** Say that it refuses; this is the first time. */
    WARN,
    /** Say that it takes writes again. */
    RELIEF,
    /** The disk is lost; said once. */
    GIVE_UP
  }

  /**
   * A disk that is well.
   *
   * @param patienceNanos for how long it may refuse
   */
  public DiskTrouble(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /** A write succeeded. */
  public Verdict wrote() {
    boolean was = refusing;
    refusing = false;
    return was && !givenUp ? Verdict.RELIEF : Verdict.GO_ON;
  }

  /** A write was refused. */
  public Verdict refused(long nowNanos) {
    if (!refusing) {
      refusing = true;
      refusingSince = nowNanos;
      return givenUp ? Verdict.GO_ON : Verdict.WARN;
    }
    if (givenUp || nowNanos - refusingSince < patienceNanos) {
      return Verdict.GO_ON;
    }
    givenUp = true;
    return Verdict.GIVE_UP;
  }
}
