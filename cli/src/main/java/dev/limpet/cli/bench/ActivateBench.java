package dev.limpet.cli.bench;

import dev.limpet.Limpet;
import dev.limpet.LocalBuilder;
import dev.limpet.VirtualClock;
import dev.limpet.cli.load.BenchCounter;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;

/** Brings many new processes into memory, and sends them out again. */
final class ActivateBench {
  private static final int CALLERS = 256;
  private static final int WARM_PROCESSES = 500_000;
  private static final int DIGITS = 3;
  private static final int CALLS_IN_A_ROW = 16;

  private ActivateBench() {}

  static String run(int processes, PrintWriter err) throws InterruptedException {
    VirtualClock clock = new VirtualClock();
    LocalBuilder builder = Limpet.local().clock(clock);
    BenchCounter.host(builder);
    try (Limpet limpet = builder.start()) {
      say(err, "warming up with " + WARM_PROCESSES + " processes, then activating " + processes);
      activate(limpet, "warm-", WARM_PROCESSES, new ConcurrentHistogram(DIGITS));
      clock.advance(Duration.ofHours(1));
      long before = heapUsed();
      ConcurrentHistogram nanos = new ConcurrentHistogram(DIGITS);
      say(err, Measures.begins(CALLERS));
      long allocated = Measures.allocatedBytes();
      long began = System.nanoTime();
      activate(limpet, "k", processes, nanos);
      double activated = (System.nanoTime() - began) / 1e9;
      allocated = Measures.allocatedBytes() - allocated;
      say(err, Measures.ends(CALLERS, activated, processes, nanos, 0, allocated));
      long full = heapUsed();
      say(err, "sending them out of memory again");
      began = System.nanoTime();
      clock.advance(Duration.ofHours(1));
      double passivated = (System.nanoTime() - began) / 1e9;
      long after = heapUsed();
      return String.format(
          Locale.ROOT,
          "RESULT case=activate rate=%.0f/s p50=%.1fus p99=%.1fus p99.9=%.1fus processes=%d"
              + " heap-each=%dB passivate-rate=%.0f/s heap-each-after=%dB",
          processes / activated,
          nanos.getValueAtPercentile(50) / 1e3,
          nanos.getValueAtPercentile(99) / 1e3,
          nanos.getValueAtPercentile(99.9) / 1e3,
          processes,
          (full - before) / processes,
          processes / passivated,
          (after - before) / processes);
    }
  }

  private static void activate(
      Limpet limpet, String prefix, int processes, ConcurrentHistogram nanos)
      throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                int calls = 0;
                for (int key = next.getAndIncrement();
                    key < processes;
                    key = next.getAndIncrement()) {
                  long began = System.nanoTime();
                  limpet.get(BenchCounter.class, prefix + key).add(1);
                  nanos.recordValue(System.nanoTime() - began);
                  if (++calls % CALLS_IN_A_ROW == 0) {
                    ClosedLoop.stepBack();
                  }
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
  }

  /** After collections until the number stands still, or nearly. */
  private static long heapUsed() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(200);
      long now = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
      if (now > used * 0.99) {
        return Math.min(now, used);
      }
      used = now;
    }
    return used;
  }

  private static void say(PrintWriter err, String line) {
    err.println(line);
    err.flush();
  }
}
