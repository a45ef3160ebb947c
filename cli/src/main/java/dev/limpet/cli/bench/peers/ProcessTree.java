package dev.limpet.cli.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A child of this JVM with all that it has started. Thread-safe. */
final class ProcessTree {
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / 100;
  private static final int ENDING_SECONDS = 5;

  // In /proc/PID/stat, after the name in brackets: user and system time of its own, then those of
  // the children that it has waited for.
  private static final int FIRST_TIME = 11;
  private static final int TIMES = 4;

  private final Process root;

  // Once its parent has ended, nobody knows any more whose child one was.
  private final Set<ProcessHandle> seen = new LinkedHashSet<>();

  ProcessTree(Process root) {
    this.root = root;
  }

  /**
   * Processor time used so far, in nanoseconds. On Linux with that of processes which have ended, if their parents waited
   * for them; else of those that run.
   */
  synchronized long cpuNanos() {
    look();
    return seen.stream().mapToLong(ProcessTree::cpuNanos).sum();
  }

  /** Asks the child to end itself and its own, then ends whatever is left. Returns when the child has ended. */
  synchronized void end() {
    look();
    root.destroy();
    try {
      boolean unused = root.waitFor(ENDING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    look();
    seen.forEach(ProcessHandle::destroyForcibly);
  }

  private void look() {
    seen.add(root.toHandle());
    root.descendants().forEach(seen::add);
  }

  private static long cpuNanos(ProcessHandle handle) {
    Path stat = Path.of("/proc", Long.toString(handle.pid()), "stat");
    try {
      return Files.exists(stat)
          ? ticks(Files.readString(stat, StandardCharsets.ISO_8859_1)) * TICK_NANOS
          : handle.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    } catch (IOException e) {
      // It ended a moment ago.
      return 0;
    }
  }

  /** The processor time in a line of {@code /proc/PID/stat}, its waited-for children's included. */
  static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = FIRST_TIME; i < FIRST_TIME + TIMES; i++) {
      ticks += Long.parseLong(fields[i]);
    }
    return ticks;
  }
}
