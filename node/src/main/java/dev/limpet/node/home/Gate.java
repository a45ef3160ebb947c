package dev.limpet.node.home;

/** Whether this node may begin something now: its lease holds, and it was not paused unnoticed. Thread-safe, fast. */
public interface Gate {
  /** What {@link #openNow} gives while it is shut. */
  long SHUT = Long.MIN_VALUE;

  /** The time if a turn may begin now, as of {@code System.nanoTime()} and at most 2 ms ahead of it; else {@link #SHUT}. */
  default long openNow() {
    long now = System.nanoTime();
    return open(now) ? now : SHUT;
  }

  /**
   * Whether a turn may begin, or its reply leave.
   *
   * @param nowNanos {@code System.nanoTime()}, read just before
   */
  boolean open(long nowNanos);

  /** The same without a look at the wall clock, for what began a moment ago. */
  default boolean stillOpen(long nowNanos) {
    return open(nowNanos);
  }

  /**
   * Whether it may be shut for a moment only: this node noticed a pause of its own, or its lease ran out, and is being
   * renewed, which takes a round trip. Calls wait for that rather than fail, for at most {@code Times.deaf()}.
   */
  default boolean opensSoon(long nowNanos) {
    return false;
  }

  /** Why it is shut, for people. */
  String whyShut();
}
