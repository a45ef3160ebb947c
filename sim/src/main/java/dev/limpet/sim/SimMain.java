package dev.limpet.sim;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Runs the simulator: {@code --seed N [--trace]} one run, {@code --seeds A..B} a range, {@code --minutes M} as many as
 * that takes, from {@code --from N} on. Progress goes to stderr; the exit code is 0 only if nothing was found.
 */
public final class SimMain {
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
  private long from = 1;
  private long to = 1_000;
  private long nanos = Long.MAX_VALUE;
  private boolean trace;

  private SimMain() {}

  public static void main(String[] args) {
    SimMain main = new SimMain();
    System.exit(main.read(args) ? main.run() : 2);
  }

  private boolean read(String[] args) {
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--seed" -> {
            from = Long.parseLong(args[++i]);
            to = from;
          }
          case "--seeds" -> {
            String[] range = args[++i].split("\\.\\.", 2);
            from = Long.parseLong(range[0]);
            to = Long.parseLong(range[1]);
          }
          case "--from" -> from = Long.parseLong(args[++i]);
          case "--minutes" -> {
            nanos = (long) (Double.parseDouble(args[++i]) * 60e9);
            to = Long.MAX_VALUE;
          }
          case "--trace" -> trace = true;
          default -> throw new IllegalArgumentException("unknown option " + args[i]);
        }
      }
      return true;
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      err.println(
          e.getMessage() + "; use --seed N [--trace], --seeds A..B or --minutes M [--from N]");
      return false;
    }
  }

  private int run() {
    long began = System.nanoTime();
    long told = began;
    long events = 0;
    long faults = 0;
    long[] answers = new long[3];
    long seed = from;
    long runs = 0;
    for (; seed <= to && System.nanoTime() - began < nanos; seed++, runs++) {
      Cluster.Outcome o;
      try {
        o = Cluster.run(seed, SimConfig.of(seed), new Seams(), trace ? out::println : line -> {});
      } catch (Cluster.Failure e) {
        err.println(e.getMessage());
        return 1;
      }
      events += o.events();
      faults += o.faults();
      answers[0] += o.ok();
      answers[1] += o.notRun();
      answers[2] += o.unknown();
      if (from == to) {
        out.println("seed=" + seed + " " + o.line());
      }
      if (System.nanoTime() - told > 5_000_000_000L) {
        told = System.nanoTime();
        err.println(line(runs + 1, events, faults, answers, told - began));
      }
    }
    out.println(line(runs, events, faults, answers, System.nanoTime() - began));
    return 0;
  }

  private static String line(long runs, long events, long faults, long[] answers, long nanos) {
    return String.format(
        Locale.ROOT,
        "RESULT case=sim seeds=%d events=%d faults=%d ok=%d notrun=%d unknown=%d violations=0 seconds=%.1f",
        runs,
        events,
        faults,
        answers[0],
        answers[1],
        answers[2],
        nanos / 1e9);
  }
}
