package dev.limpet.cli.chaos;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Faults that went on at the same time, and what became of the cluster. Times are nanoseconds since the run began.
 *
 * @param what each fault as it happened, for people
 * @param healedNanos when the last of them was undone
 * @param keysNanos when every watched process had been reached since; null if one was not in time
 * @param nodesNanos when every node served and every shard had a home; null if not in time
 * @param longestGapNanos the longest time without a success of any watched process
 * @param notRun calls that were refused in the meantime
 * @param unknown calls whose outcome their callers do not know
 */
record Incident(
    List<FaultKind> kinds,
    List<String> what,
    long beganNanos,
    long healedNanos,
    @Nullable Long keysNanos,
    @Nullable Long nodesNanos,
    long longestGapNanos,
    long notRun,
    long unknown) {
  Incident {
    kinds = List.copyOf(kinds);
    what = List.copyOf(what);
  }

  /** Like {@code kill+delay}. */
  String name() {
    return kinds.stream().map(FaultKind::word).collect(Collectors.joining("+"));
  }

  /** When all was well again, or was given up. */
  long endNanos() {
    long keys = keysNanos == null ? healedNanos : keysNanos;
    return Math.max(keys, nodesNanos == null ? healedNanos : nodesNanos);
  }
}
