package dev.limpet.cli.bench;

import dev.limpet.LimpetException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/*
 * Each of the callers makes its next call when it has the answer to the last one, so as many calls are in flight as
 * there are callers. They are virtual threads. A call that never blocks would let the first ones keep the processors
 * for themselves, so a caller steps back after some calls; the time it then waits for its turn is not part of a call.
 */
/** The shape of load of the calling cases: random keys, first with many calls in flight, then one at a time. */
final class ClosedLoop implements CallLoad {
  private static final int CALLS_IN_A_ROW = 64;
  private static final int ONE_SECONDS_MAX = 5;
  private static final int DIGITS = 3;

  // The phases; also where a caller's tally of each stands. All are tallied alike, so that what is
  // measured runs code that was warmed up.
  private static final int WARM_UP = 0;
  private static final int MEASURED = 1;
  private static final int OVER = 2;

  private final Keys keys;
  private final int window;
  private final int warmSeconds;
  private final int seconds;
  private final int timedOneIn;
  private final PrintWriter err;

  private volatile int phase;
  private volatile @Nullable Exception firstFailure;

  /** What was measured; times in nanoseconds. */
  record Sample(double seconds, long answered, long failed, long allocatedBytes, Histogram nanos) {
    double rate() {
      return answered / seconds;
    }

    long allocatedEach() {
      return allocatedBytes / Math.max(1, answered);
    }

    String micros(double percentile) {
      return String.format(Locale.ROOT, "%.1fus", nanos.getValueAtPercentile(percentile) / 1e3);
    }
  }

  /**
   * Has called nothing yet.
   *
   * @param timedOneIn of how many calls one is timed, as against counted; a power of two. Two looks at a clock take as long
   *     as a call at home itself
   */
  ClosedLoop(Keys keys, int window, int warmSeconds, int seconds, int timedOneIn, PrintWriter err) {
    this.keys = keys;
    this.window = window;
    this.warmSeconds = warmSeconds;
    this.seconds = seconds;
    this.timedOneIn = timedOneIn;
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
        "warming up for "
            + warmSeconds
            + " s, then "
            + seconds
            + " s with "
            + window
            + " calls in flight");
    Sample many = sample(target, window, warmSeconds, seconds);
    int oneSeconds = Math.min(seconds, ONE_SECONDS_MAX);
    say("then " + oneSeconds + " s with one call at a time");
    Sample one = sample(target, 1, 1, oneSeconds);
    Exception failure = firstFailure;
    if (failure != null) {
      say("the first failure: " + failure);
    }
    return String.format(
        Locale.ROOT,
        "RESULT case=%s rate=%.0f/s p50=%s p99=%s p99.9=%s window=%d keys=%d failed=%d"
            + " one-rate=%.0f/s one-p50=%s one-p99=%s one-p99.9=%s alloc=%dB%s",
        name,
        many.rate(),
        many.micros(50),
        many.micros(99),
        many.micros(99.9),
        window,
        keys.count(),
        many.failed() + one.failed(),
        one.rate(),
        one.micros(50),
        one.micros(99),
        one.micros(99.9),
        many.allocatedEach(),
        more.isEmpty() ? "" : " " + more);
  }

  private Sample sample(Target target, int callers, int warm, int measured)
      throws InterruptedException {
    phase = WARM_UP;
    List<Caller> all = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      Caller caller = new Caller(target);
      all.add(caller);
      threads.add(Thread.ofVirtual().name("caller-" + i).start(caller));
    }
    TimeUnit.SECONDS.sleep(warm);
    say(Measures.begins(callers));
    long allocated = Measures.allocatedBytes();
    long began = System.nanoTime();
    phase = MEASURED;
    TimeUnit.SECONDS.sleep(measured);
    phase = OVER;
    double lasted = (System.nanoTime() - began) / 1e9;
    allocated = Measures.allocatedBytes() - allocated;
    Histogram nanos = new Histogram(DIGITS);
    long answered = 0;
    long failed = 0;
    for (int i = 0; i < callers; i++) {
      threads.get(i).join();
      Tally tally = all.get(i).tallies[MEASURED];
      nanos.add(tally.nanos);
      answered += tally.answered;
      failed += tally.failed;
    }
    say(Measures.ends(callers, lasted, answered, nanos, failed, allocated));
    return new Sample(lasted, answered, failed, allocated, nanos);
  }

  /** Lets other virtual threads have this processor; not about timing, so the warning does not apply. */
  @SuppressWarnings("ThreadPriorityCheck")
  static void stepBack() {
    Thread.yield();
  }

  /** What became of one caller's calls in one phase. */
  private static final class Tally {
    private final Histogram nanos = new Histogram(DIGITS);
    private long answered;
    private long failed;
  }

  /** One caller; its numbers are read when its thread has ended. */
  private final class Caller implements Runnable {
    private final Target target;
    private final Tally[] tallies = {new Tally(), new Tally(), new Tally()};

    Caller(Target target) {
      this.target = target;
    }

    @Override
    public void run() {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      for (long calls = 1; phase != OVER; calls++) {
        boolean timed = (calls & (timedOneIn - 1)) == 0;
        long began = timed ? System.nanoTime() : 0;
        boolean done = false;
        try {
          target.call(keys.next(random));
          done = true;
        } catch (LimpetException e) {
          failed(e);
        } catch (Exception e) {
          failed(e);
          return;
        }
        Tally tally = tallies[phase];
        if (done) {
          tally.answered++;
          if (timed) {
            tally.nanos.recordValue(System.nanoTime() - began);
          }
        } else {
          tally.failed++;
        }
        if (calls % CALLS_IN_A_ROW == 0) {
          stepBack();
        }
      }
    }

    private void failed(Exception e) {
      if (firstFailure == null) {
        firstFailure = e;
      }
    }
  }
}
