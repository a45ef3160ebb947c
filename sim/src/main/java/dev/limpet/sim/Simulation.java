package dev.limpet.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time, one queue of events and one source of randomness: the same seed gives the same run. */
final class Simulation {
  static final long MS = 1_000_000L;

  private final PriorityQueue<Event> queue =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private final Random random;
  private final Trace trace;
  private long now;
  private long order;
  private long events;

  private record Event(long at, long order, Runnable run) {}

  Simulation(long seed, Trace trace) {
    // Neighbouring seeds shall not begin alike.
    this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
    this.trace = trace;
  }

  /** True time in nanoseconds since the start; no node knows it. */
  long now() {
    return now;
  }

  long events() {
    return events;
  }

  Random random() {
    return random;
  }

  /** From {@code least} to {@code most}, both included. */
  long between(long least, long most) {
    return least + (long) (random.nextDouble() * (most - least + 1));
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  void after(long delayNanos, Runnable run) {
    queue.add(new Event(now + Math.max(0, delayNanos), order++, run));
  }

  /** Runs events until a time. */
  void runUntil(long time) {
    while (true) {
      Event next = queue.peek();
      if (next == null || next.at > time) {
        break;
      }
      queue.remove();
      now = next.at;
      events++;
      trace.mix(now);
      trace.mix(next.order);
      next.run.run();
    }
    now = time;
  }

  void say(String what) {
    trace.say(now, what);
  }
}
