package dev.limpet.cli.bench;

import java.util.concurrent.TimeUnit;

/**
 * When calls are due that come at a fixed rate, whatever became of those before; the first ones only warm up.
 *
 * @param beganNanos when the first call is due
 * @param rate calls a second
 */
record Pace(long beganNanos, int rate, int warmSeconds, int seconds) {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How many calls there are, those that warm up included. */
  long calls() {
    return (long) rate * (warmSeconds + seconds);
  }

  /** Whether a call, counted from 0, is measured. */
  boolean isMeasured(long call) {
    return call >= (long) rate * warmSeconds;
  }

  /** When a call, counted from 0, is due. Exact, so that the rate does not drift. */
  long dueNanos(long call) {
    return beganNanos + call / rate * SECOND_NANOS + call % rate * SECOND_NANOS / rate;
  }

  /** When the measured time begins. */
  long measuredFromNanos() {
    return beganNanos + warmSeconds * SECOND_NANOS;
  }

  /** When calls are not begun any more that should have been long ago: after twice the measured time. */
  long givesUpNanos() {
    return measuredFromNanos() + 2L * seconds * SECOND_NANOS;
  }
}
