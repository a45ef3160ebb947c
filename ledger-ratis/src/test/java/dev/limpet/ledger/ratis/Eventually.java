package dev.limpet.ledger.ratis;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for what other threads or processes bring about, within a bound. */
final class Eventually {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private Eventually() {}

  static void until(String what, BooleanSupplier holds) {
    get(what, () -> holds.getAsBoolean() ? Boolean.TRUE : null);
  }

  static <T> T get(String what, Supplier<@Nullable T> value) {
    return get(what, BOUND, value);
  }

  static <T> T get(String what, Duration bound, Supplier<@Nullable T> value) {
    long end = System.nanoTime() + bound.toNanos();
    while (true) {
      var found = value.get();
      if (found != null) {
        return found;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("did not happen within " + bound + ": " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
