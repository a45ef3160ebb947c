package dev.limpet.cli.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.HdrHistogram.AbstractHistogram;

/**
 * The lines that a harness prints where a measured time begins and ends, and what it takes to print them; they go to stderr,
 * since the last line on stdout is the whole result. What they mean is in {@code bench/README.md}.
 */
final class Measures {
  private Measures() {}

  static String begins(int window) {
    return "MEASURE window=" + window;
  }

  /**
   * The end of a measured time.
   *
   * @param calls that were answered
   * @param nanos what they took, or some of them
   * @param allocatedBytes by all calls together
   */
  static String ends(
      int window,
      double seconds,
      long calls,
      AbstractHistogram nanos,
      long failed,
      long allocatedBytes) {
    return String.format(
        Locale.ROOT,
        "RESULT window=%d calls=%d rate=%.0f/s p50=%.1fus p99=%.1fus failed=%d alloc=%dB",
        window,
        calls,
        calls / seconds,
        nanos.getValueAtPercentile(50) / 1e3,
        nanos.getValueAtPercentile(99) / 1e3,
        failed,
        allocatedBytes / Math.max(1, calls));
  }

  /** What all threads of this JVM have allocated so far, those that have ended included. */
  static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getTotalThreadAllocatedBytes();
  }
}
