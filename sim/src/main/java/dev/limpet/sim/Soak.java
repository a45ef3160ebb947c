package dev.limpet.sim;

import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Simulated clusters, one for each seed, in one thread on virtual time, until there were enough of them or one broke a
 * promise. The same seed is the same run, to the last event.
 */
public final class Soak {
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final double NANOS_PER_HOUR = 3.6e12;

  private final PrintWriter out;
  private final PrintWriter err;
  private final Map<SimConfig.Fault, Integer> faults = new EnumMap<>(SimConfig.Fault.class);
  private long seeds;
  private long virtualNanos;
  private long events;
  private long ok;
  private long notRun;
  private long unknown;

  /** What it found goes to {@code out}, how it is getting on to {@code err}. */
  public Soak(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /** Runs one seed, and writes all that happens; false if a promise was broken. */
  public boolean replay(long seed) {
    out.println("seed " + seed + ": " + SimConfig.of(seed));
    boolean kept = one(seed, true);
    out.println(summary(kept));
    out.flush();
    return kept;
  }

  /** Runs seeds from the first on, for that long; false if a promise was broken, which ends it. */
  public boolean run(long first, long nanos) {
    long began = System.nanoTime();
    long told = began;
    boolean kept = true;
    for (long seed = first; kept && System.nanoTime() - began < nanos; seed++) {
      kept = one(seed, false);
      if (System.nanoTime() - told > TELL_NANOS) {
        told = System.nanoTime();
        err.println(summary(kept));
        err.flush();
      }
    }
    out.println(summary(kept));
    out.flush();
    return kept;
  }

  private boolean one(long seed, boolean trace) {
    seeds++;
    try {
      Founding.run(seed);
      Cluster.Outcome o = Cluster.run(seed, SimConfig.of(seed), trace ? out::println : line -> {});
      virtualNanos += o.virtualNanos();
      events += o.events();
      ok += o.ok();
      notRun += o.notRun();
      unknown += o.unknown();
      o.byKind().forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
      if (trace) {
        out.printf(Locale.ROOT, "the hash of this run is %016x%n", o.hash());
      }
      return true;
    } catch (Cluster.Failure e) {
      out.println(e.getMessage());
    } catch (Checks.Violation e) {
      out.println("seed " + seed + " broke a promise while founding: " + e.getMessage());
    }
    return false;
  }

  private String summary(boolean kept) {
    return String.format(
        Locale.ROOT,
        "RESULT case=sim seeds=%d virtual_hours=%.2f events=%d faults=%d %s operations=%d ok=%d"
            + " notrun=%d unknown=%d violations=%d",
        seeds,
        virtualNanos / NANOS_PER_HOUR,
        events,
        faults.values().stream().mapToInt(n -> n).sum(),
        faults.entrySet().stream()
            .map(e -> e.getKey().name().toLowerCase(Locale.ROOT) + "=" + e.getValue())
            .collect(Collectors.joining(" ")),
        ok + notRun + unknown,
        ok,
        notRun,
        unknown,
        kept ? 0 : 1);
  }
}
