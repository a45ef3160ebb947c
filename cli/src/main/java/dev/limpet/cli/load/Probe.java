package dev.limpet.cli.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/*
 * Each key has a thread and a connection of its own, so that a key that cannot be reached does not hide how another one
 * fares. A probe is a real call, durable and counted in the book like any other. After a failure it turns to the next
 * node at once: what is measured is the time without service, as a caller sees it who knows all nodes.
 */
/** Calls each of some counters all the time, and notes when each could be reached. */
public final class Probe implements AutoCloseable {
  /** A call that takes longer has failed. */
  public static final int TIMEOUT_MILLIS = 1_000;

  private static final long RETRY_NANOS = 10_000_000;
  private static final long KEPT_FROM_NANOS = 40_000_000;

  private final long periodNanos;
  private final Gaps gaps = new Gaps(KEPT_FROM_NANOS);
  private final Map<String, Tally> tallies = new TreeMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  private Probe(long periodNanos) {
    this.periodNanos = periodNanos;
  }

  /**
   * Starts to probe.
   *
   * @param nodes HTTP addresses
   * @param keys keys of the type {@code counter} that nobody else calls
   */
  public static Probe start(List<String> nodes, List<String> keys, long periodNanos) {
    Probe probe = new Probe(periodNanos);
    int first = 0;
    for (String key : keys) {
      Tally tally = new Tally();
      probe.tallies.put(key, tally);
      ClusterClient client = new ClusterClient(nodes, first++, TIMEOUT_MILLIS);
      probe.threads.add(
          Thread.ofVirtual().name("probe-" + key).start(() -> probe.run(client, key, tally)));
    }
    return probe;
  }

  private void run(ClusterClient client, String key, Tally tally) {
    try (client) {
      long next = System.nanoTime();
      while (!stopped) {
        boolean reached =
            switch (client.call("counter", key, "add", "{\"n\":1}", null)) {
              case CallOutcome.Done done -> {
                tally.acknowledged(Long.parseLong(done.result().strip()));
                gaps.success(key, System.nanoTime());
                yield true;
              }
              case CallOutcome.NotRun notRun -> false;
              case CallOutcome.Unknown unknown -> {
                tally.unknown();
                yield false;
              }
            };
        // A key that is out of reach is asked again soon, but not in a hot loop.
        long now = System.nanoTime();
        next = reached ? Math.max(next + periodNanos, now) : now + RETRY_NANOS;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }

  public Gaps gaps() {
    return gaps;
  }

  /** What was counted, by key. */
  public Map<String, Tally> tallies() {
    return tallies;
  }

  /** Ends probing, and waits until no call is under way. */
  public void stop() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    gaps.end(System.nanoTime());
  }

  @Override
  public void close() {
    stop();
  }
}
