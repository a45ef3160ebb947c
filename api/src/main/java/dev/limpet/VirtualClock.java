package dev.limpet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** A clock for unit tests that stands still until it is advanced. Thread-safe. */
public final class VirtualClock extends Clock {
  private final AtomicReference<Instant> now;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** A clock that stands at 2000-01-01T00:00:00Z. */
  public VirtualClock() {
    this(Instant.parse("2000-01-01T00:00:00Z"));
  }

  public VirtualClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  /** Moves the time forward and returns when what was due, such as the passivation of idle processes, is done. */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + by);
    }
    now.updateAndGet(t -> t.plus(by));
    new ArrayList<>(listeners).forEach(Runnable::run);
  }

  /** Runs the action, on the advancing thread, after each {@link #advance}. */
  public void onAdvance(Runnable action) {
    listeners.add(action);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.fixed(instant(), zone);
  }
}
