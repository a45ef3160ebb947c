package dev.limpet.examples;

import dev.limpet.Durable;
import dev.limpet.ProcessContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** One key's permits. */
final class LimiterProcess implements Limiter {
  /** The permits taken since the window opened; none, in a window long past, for a key that was never used. */
  record Window(Instant opened, long taken) {}

  private final Durable<Window> window;
  private final Clock clock;
  private final long limit;
  private final Duration length;

  LimiterProcess(ProcessContext self, long limit, Duration length) {
    this.window = self.durable("window", Window.class, new Window(Instant.EPOCH, 0));
    this.clock = self.clock();
    this.limit = limit;
    this.length = length;
  }

  @Override
  public Permit tryAcquire(long permits) throws InvalidAmount {
    InvalidAmount.unlessPositive("permits", permits);
    Window current = currentWindow();
    long left = limit - current.taken();
    if (permits > left) {
      return new Permit(false, left); // nothing changes, so nothing is saved
    }
    window.set(new Window(current.opened(), current.taken() + permits));
    return new Permit(true, left - permits);
  }

  private Window currentWindow() {
    Window saved = window.get();
    Instant now = clock.instant();
    return now.isBefore(saved.opened().plus(length)) ? saved : new Window(now, 0);
  }
}
