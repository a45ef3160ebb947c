package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.load.CallOutcome;
import dev.limpet.cli.load.ClusterClient;
import dev.limpet.cli.load.Probe;
import dev.limpet.cli.load.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/*
 * The crowd is there to find what is wrong; it is too large to tell how long a process could not be reached, since its
 * callers wait for the processes of a dead node and leave the others alone. That is what the probes are for.
 */
/** One scenario: load on a well cluster, a fault, the cluster well again, and the comparison. */
final class Trial implements AutoCloseable {
  /** The longest gap of a key whose home is silent: a lease, the grantor's longer wait, and the way to a new home. */
  static final double SILENCE_SECONDS_MAX = 5;

  private static final int PROBED = 8;
  private static final long PROBE_PERIOD_NANOS = 100_000_000;
  private static final int PROBE_MILLIS = 2_000;
  private static final long STALL_TICK_NANOS = 100_000_000;
  private static final long STALL_NANOS = 1_000_000_000;

  private final FaultyCluster cluster;
  private final String name;
  private final long seed;
  private final Crowd crowd;
  private final Probe probe;
  private final long beganNanos;
  private final Thread stallWatch;
  private final AtomicLong stalledNanos = new AtomicLong();
  private long faultNanos;

  private Trial(FaultyCluster cluster, String name, long seed) {
    this.cluster = cluster;
    this.name = name;
    this.seed = seed;
    List<String> probed = IntStream.range(0, PROBED).mapToObj(i -> name + "-probe-" + i).toList();
    beganNanos = System.nanoTime();
    stallWatch = Thread.ofPlatform().daemon().name("stall-watch").start(this::watchForStalls);
    crowd = Crowd.start(cluster.http(), name, seed);
    probe = Probe.start(cluster.http(), probed, PROBE_PERIOD_NANOS);
  }

  /** Waits until the cluster is well, starts the load, and returns when every process has been called. */
  static Trial begin(FaultyCluster cluster, String name) {
    cluster.heal();
    return beginAsIs(cluster, name);
  }

  /** The same on a cluster that the test has prepared. */
  static Trial beginAsIs(FaultyCluster cluster, String name) {
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    Trial trial = new Trial(cluster, name, seed);
    Await.until(
        "every counter was called",
        30,
        () -> trial.crowd.hasCalledAll() && trial.probe.gaps().keys() == PROBED);
    trial.faultNanos = System.nanoTime();
    return trial;
  }

  /** The fault comes now; said by a test that looked around before. */
  void faultBegins() {
    faultNanos = System.nanoTime();
  }

  Crowd crowd() {
    return crowd;
  }

  /** Heals the cluster while the load goes on, ends the load, and compares everything with what was told. */
  void verify() {
    cluster.heal();
    long before = crowd.acknowledged();
    Await.until(
        () -> "calls go on when all is well; the latest trouble: " + crowd.lastTrouble(),
        20,
        () -> crowd.acknowledged() > before + 200);
    long end = System.nanoTime();
    crowd.stop();
    probe.stop();
    Crowd.Verdict verdict = crowd.verdict(seed);
    List<String> findings = new ArrayList<>(verdict.findings());
    compareProbes(findings);
    System.err.println(
        String.format(
            Locale.ROOT,
            "faults: %s: seed %d, %d acknowledged, %d unknown (%d of them ran), %d settled by their"
                + " key, longest gap %.1f s, %.0f s in all; %s",
            name,
            seed,
            verdict.sum().acknowledged(),
            verdict.sum().unknown(),
            verdict.sum().unknownRan(),
            crowd.settled(),
            longestGapSeconds(),
            (end - beganNanos) / 1e9,
            findings.isEmpty() ? "nothing lost, doubled or stale" : findings.size() + " FINDINGS"));
    assertThat(findings).as("%s, seed %d", name, seed).isEmpty();
  }

  /*
   * A shared machine may stand still as a whole, for longer than any fault here. That is no interruption by Limpet, and
   * every node loses its lease by it; so it is taken off the gap.
   */
  private void watchForStalls() {
    long before = System.nanoTime();
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(STALL_TICK_NANOS);
      long now = System.nanoTime();
      if (now - before > STALL_NANOS) {
        stalledNanos.addAndGet(now - before);
        System.err.printf(
            "faults: this machine stood still for %d ms%n", (now - before) / 1_000_000);
      }
      before = now;
    }
  }

  /** The longest time since the fault without a success of a probed counter, less the time that the machine stood still. */
  double longestGapSeconds() {
    return (probe.gaps().longestSince(faultNanos, System.nanoTime()) - stalledNanos.get()) / 1e9;
  }

  private void compareProbes(List<String> findings) {
    try (ClusterClient client = new ClusterClient(cluster.http(), 0, PROBE_MILLIS)) {
      probe
          .tallies()
          .forEach((key, tally) -> {
            CallOutcome outcome = client.call("counter", key, "get", "", null);
            Tally.Verdict one =
                outcome instanceof CallOutcome.Done done
                    ? tally.verdict(Long.parseLong(done.result().strip()))
                    : null;
            if (one == null || !one.good()) {
              findings.add(key + ": " + outcome + ", " + one);
            }
          });
    }
  }

  @Override
  public void close() {
    cluster.keepLogs(name);
    cluster.nodes().stream().filter(node -> !node.isAlive()).forEach(node -> node.start());
    crowd.close();
    probe.close();
    stallWatch.interrupt();
  }
}
