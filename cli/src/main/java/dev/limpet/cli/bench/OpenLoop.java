package dev.limpet.cli.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/*
 * A closed loop is polite: while its target stands still, it makes no calls, and so hardly any of its calls meets the
 * standstill ("coordinated omission"). Users are not polite. Here each call is due at a fixed moment, and its latency counts
 * from that moment, also if its caller was still waiting for the answer to an earlier one (the idea of wrk2). What the call
 * alone took is told beside it. The number of callers is bounded; that of the calls which wait to be made is not hidden: a
 * call that was never begun counts with the time that it waited.
 */
/** The shape of load of the calling cases at a fixed rate: random keys, each call at its time. */
final class OpenLoop implements CallLoad {
  private static final int CALLS_IN_A_ROW = 16;
  private static final int DIGITS = 3;

  private final Keys keys;
  private final int callers;
  private final int rate;
  private final int warmSeconds;
  private final int seconds;
  private final PrintWriter err;

  /** Time, as a caller sees it. */
  interface Clock {
    long nanos();

    /** Returns at that time or later; at once if it has passed. */
    void awaitNanos(long nanos);
  }

  /** What is seen of calls; times in nanoseconds. Not thread-safe. */
  static final class Seen {
    final Histogram sinceDue = new Histogram(DIGITS);
    final Histogram service = new Histogram(DIGITS);
    long failed;
    long notBegun;
    long lastEndNanos = Long.MIN_VALUE;
    @Nullable Exception firstFailure;

    void failed(Exception failure) {
      failed++;
      if (firstFailure == null) {
        firstFailure = failure;
      }
    }

    void add(Seen other) {
      sinceDue.add(other.sinceDue);
      service.add(other.service);
      failed += other.failed;
      notBegun += other.notBegun;
      lastEndNanos = Math.max(lastEndNanos, other.lastEndNanos);
      if (firstFailure == null) {
        firstFailure = other.firstFailure;
      }
    }
  }

  /**
   * Has measured nothing yet.
   *
   * @param callers how many calls can be in flight at most
   * @param rate calls a second
   */
  OpenLoop(Keys keys, int callers, int rate, int warmSeconds, int seconds, PrintWriter err) {
    this.keys = keys;
    this.callers = callers;
    this.rate = rate;
    this.warmSeconds = warmSeconds;
    this.seconds = seconds;
    this.err = err;
  }

  @Override
  public Keys keys() {
    return keys;
  }

  @Override
  public void say(String line) {
    err.println(line);
    err.flush();
  }

  @Override
  public String run(String name, Target target, String more) throws InterruptedException {
    say(
        "%d calls a second, at most %d in flight: %d s to warm up, then %d s"
            .formatted(rate, callers, warmSeconds, seconds));
    Clock clock = new SystemClock();
    Pace pace = new Pace(clock.nanos(), rate, warmSeconds, seconds);
    AtomicLong next = new AtomicLong();
    List<Seen> each = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      Seen seen = new Seen();
      each.add(seen);
      threads.add(
          Thread.ofVirtual()
              .name("caller-" + i)
              .start(() -> keepPace(pace, next, keys, clock, target, seen)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Seen all = new Seen();
    each.forEach(all::add);
    if (all.firstFailure != null) {
      say("the first failure: " + all.firstFailure);
    }
    return result(name, pace, all, more);
  }

  /** Makes the next call that nobody else makes, when it is due, until there is none. */
  static void keepPace(
      Pace pace, AtomicLong next, Keys keys, Clock clock, Target target, Seen seen) {
    for (long call = next.getAndIncrement(); call < pace.calls(); call = next.getAndIncrement()) {
      long due = pace.dueNanos(call);
      clock.awaitNanos(due);
      long began = clock.nanos();
      boolean begins = began - pace.givesUpNanos() < 0;
      @Nullable Exception failure = begins ? call(target, keys) : null;
      long ended = clock.nanos();
      if (pace.isMeasured(call)) {
        seen.sinceDue.recordValue(ended - due);
        if (begins) {
          seen.service.recordValue(ended - began);
        } else {
          seen.notBegun++;
        }
        if (failure != null) {
          seen.failed(failure);
        }
        seen.lastEndNanos = ended;
      }
      if (call % CALLS_IN_A_ROW == 0) {
        ClosedLoop.stepBack();
      }
    }
  }

  private static @Nullable Exception call(Target target, Keys keys) {
    try {
      target.call(keys.next(ThreadLocalRandom.current()));
      return null;
    } catch (Exception e) {
      return e;
    }
  }

  private String result(String name, Pace pace, Seen seen, String more) {
    double lasted = (seen.lastEndNanos - pace.measuredFromNanos()) / 1e9;
    return String.format(
        Locale.ROOT,
        "RESULT case=%s rate=%.0f/s p50=%s p99=%s p99.9=%s max=%s asked=%d/s service-p50=%s"
            + " service-p99=%s service-p99.9=%s service-max=%s window=%d keys=%d failed=%d"
            + " not-begun=%d%s",
        name,
        (seen.service.getTotalCount() - seen.failed) / lasted,
        micros(seen.sinceDue, 50),
        micros(seen.sinceDue, 99),
        micros(seen.sinceDue, 99.9),
        micros(seen.sinceDue, 100),
        rate,
        micros(seen.service, 50),
        micros(seen.service, 99),
        micros(seen.service, 99.9),
        micros(seen.service, 100),
        callers,
        keys.count(),
        seen.failed,
        seen.notBegun,
        more.isEmpty() ? "" : " " + more);
  }

  private static String micros(Histogram nanos, double percentile) {
    return String.format(Locale.ROOT, "%.1fus", nanos.getValueAtPercentile(percentile) / 1e3);
  }

  private static final class SystemClock implements Clock {
    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public void awaitNanos(long nanos) {
      for (long left = nanos - nanos(); left > 0; left = nanos - nanos()) {
        LockSupport.parkNanos(this, left);
      }
    }
  }
}
