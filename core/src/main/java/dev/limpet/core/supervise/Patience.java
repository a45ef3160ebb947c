package dev.limpet.core.supervise;

import dev.limpet.core.Invariant;

/**
 * How long and how often a failing process is put up with.
 *
 * @param pauseNanos the pause after the first failure; it doubles with each further one
 * @param pauseNanosMax the longest pause
 * @param failingTurns after how many turns in a row that threw a process counts as failing
 * @param rowNanos a turn that throws so long after the one before it begins a row of its own
 */
public record Patience(long pauseNanos, long pauseNanosMax, int failingTurns, long rowNanos) {
  /** 100 ms, doubling to 30 s; ten turns, each within a minute of the one before. */
  public static final Patience DEFAULT =
      new Patience(100_000_000L, 30_000_000_000L, 10, 60_000_000_000L);

  public Patience {
    Invariant.check(
        0 < pauseNanos && pauseNanos <= pauseNanosMax,
        "a pause is longer than zero and no longer than its bound",
        pauseNanos,
        pauseNanosMax);
    Invariant.check(failingTurns > 0, "a row has a turn", failingTurns, 1);
  }

  /** The pause after that many failures, at least one. */
  public long pauseAfter(int failures) {
    int doublings = failures - 1;
    // Compared this way round, nothing overflows.
    return doublings >= Long.SIZE - 2 || pauseNanos > pauseNanosMax >> doublings
        ? pauseNanosMax
        : pauseNanos << doublings;
  }
}
