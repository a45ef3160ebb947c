package dev.limpet.cli.chaos;

import java.time.Instant;

/**
 * What a node under chaos reads in place of the machine's wall clock, with {@link ClockAgent}: the same time, and the shift
 * that its clock was given. Thread-safe.
 */
public final class ShiftedClock {
  private static volatile long shiftMillis;

  private ShiftedClock() {}

  static void shift(long millis) {
    shiftMillis = millis;
  }

  /** In place of {@link System#currentTimeMillis}. */
  public static long currentTimeMillis() {
    return System.currentTimeMillis() + shiftMillis;
  }

  /** In place of {@link Instant#now()}. */
  public static Instant now() {
    return Instant.now().plusMillis(shiftMillis);
  }
}
