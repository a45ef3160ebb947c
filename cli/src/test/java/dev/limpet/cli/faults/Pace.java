package dev.limpet.cli.faults;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Callers rest between two calls: what these tests want is that something is under way whenever something breaks. Callers
 * who never rest keep every core of a small machine busy, and then it is the machine that is slow to notice a failure.
 * {@code -Dlimpet.pace.millis=0} lets them call as fast as they can.
 */
final class Pace {
  private static final long MEAN_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Long.getLong("limpet.pace.millis", 300));

  private Pace() {}

  /** Waits a while: 300 ms on average, up to twice that. */
  static void rest(SplittableRandom random) {
    if (MEAN_NANOS > 0) {
      LockSupport.parkNanos(random.nextLong(2 * MEAN_NANOS));
    }
  }
}
