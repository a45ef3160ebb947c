package dev.limpet.cli.demo;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.cluster.Shards;
import dev.limpet.cli.load.Probe;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One run on a cluster that serves: load, a kill, a restart, the way home, and the audit. For one thread. */
final class DemoRun {
  private static final int CALLERS = 64;
  private static final int LOAD_KEYS = 300;
  private static final int PROBED_KEYS = 120;
  private static final long PROBE_PERIOD_NANOS = 100_000_000;
  private static final long SECOND = 1_000_000_000L;
  private static final long TICK_NANOS = 50_000_000;
  private static final long PROGRESS_NANOS = 2 * SECOND;
  private static final long INTERRUPTED_NANOS = 250_000_000;
  private static final long HOME_PATIENCE_NANOS = 20 * SECOND;
  private static final long AUDIT_PATIENCE_NANOS = 30 * SECOND;

  private final LocalCluster cluster;
  private final int seconds;
  private final PrintWriter err;
  private long began;
  private long progressDue;
  private long acknowledgedAtProgress;

  DemoRun(LocalCluster cluster, int seconds, PrintWriter err) {
    this.cluster = cluster;
    this.seconds = seconds;
    this.err = err;
  }

  DemoReport run() {
    List<String> keys = IntStream.range(0, PROBED_KEYS).mapToObj(i -> "probe-" + i).toList();
    try (Probe probe = Probe.start(cluster.http(), keys, PROBE_PERIOD_NANOS);
        DemoLoad load = DemoLoad.start(cluster.http(), CALLERS, LOAD_KEYS)) {
      began = System.nanoTime();
      progressDue = began + PROGRESS_NANOS;
      long end = began + seconds * SECOND;
      while (probe.gaps().keys() < PROBED_KEYS
          && System.nanoTime() < began + seconds * SECOND / 4) {
        tick(load, probe);
      }
      long measuredFrom = System.nanoTime();
      waitUntil(began + seconds * SECOND / 3, load, probe);

      Shards before = cluster.shards();
      Map<String, String> homesBefore = homes(keys);
      String leader = cluster.leader();
      NodeChild victim = leader == null ? cluster.nodes().getLast() : cluster.node(leader);
      double killedAt = secondsSince(began);
      say("kill -9 of " + victim.id() + (leader == null ? "" : ", which leads the ledger"));
      victim.kill();

      waitUntil(System.nanoTime() + Math.clamp(seconds / 6, 2, 5) * SECOND, load, probe);
      Shards afterKill = cluster.shards();
      double restartedAt = secondsSince(began);
      say("starting " + victim.id() + " again");
      victim.start();
      long restarted = System.nanoTime();
      Double home = awaitHome(victim, restarted, end, load, probe);
      waitUntil(end, load, probe);

      double lasted = secondsSince(began);
      load.stop();
      probe.stop();
      long stopped = System.nanoTime();
      if (home == null) {
        home = awaitHome(victim, restarted, System.nanoTime() + HOME_PATIENCE_NANOS, load, probe);
      }
      List<String> ofVictim =
          keys.stream().filter(key -> victim.id().equals(homesBefore.get(key))).toList();
      Map<String, String> homesAfter = homes(ofVictim);
      say("comparing every process with what its callers were told");
      List<DemoLoad.Target> targets = new ArrayList<>(load.targets());
      probe.tallies().forEach((key, tally) -> targets.add(DemoLoad.Target.counter(key, tally)));
      return new DemoReport(
          Audit.of(targets, cluster.http(), AUDIT_PATIENCE_NANOS),
          lasted,
          load.settled(),
          PROBED_KEYS,
          probe.gaps().longestSince(measuredFrom, stopped) / 1e9,
          probe.gaps().keysWithGap(INTERRUPTED_NANOS, measuredFrom, stopped),
          victim.id(),
          leader != null,
          killedAt,
          before.toString(),
          afterKill.toString(),
          restartedAt,
          home,
          ofVictim.size(),
          (int) homesAfter.values().stream().filter(victim.id()::equals).count());
    }
  }

  /** When the node had all its own shards again, in seconds after its restart; null if it had not by that time. */
  private @Nullable Double awaitHome(
      NodeChild victim, long restarted, long end, DemoLoad load, Probe probe) {
    while (System.nanoTime() < end) {
      if (victim.isAlive() && cluster.shards().isHome(victim.id()) && victim.isReady()) {
        double after = secondsSince(restarted);
        say("the shards of " + victim.id() + " are home again");
        return after;
      }
      tick(load, probe);
    }
    return null;
  }

  private Map<String, String> homes(List<String> keys) {
    Map<String, String> homes = new HashMap<>();
    Map<String, JsonNode> answers = cluster.ask(keys.stream().map(DemoRun::where).toList());
    for (String key : keys) {
      JsonNode answer = answers.get(where(key));
      homes.put(key, answer == null ? "" : answer.path("home").asString(""));
    }
    return homes;
  }

  private static String where(String key) {
    return "/admin/where/counter/" + key;
  }

  private void waitUntil(long nanos, DemoLoad load, Probe probe) {
    while (System.nanoTime() < nanos) {
      tick(load, probe);
    }
  }

  private void tick(DemoLoad load, Probe probe) {
    LockSupport.parkNanos(TICK_NANOS);
    long now = System.nanoTime();
    if (now >= progressDue) {
      long all =
          load.acknowledged()
              + probe.tallies().values().stream().mapToLong(tally -> tally.acknowledged()).sum();
      double rate = (all - acknowledgedAtProgress) / ((now - progressDue + PROGRESS_NANOS) / 1e9);
      String trouble = load.lastTrouble();
      say(
          String.format(
                  Locale.ROOT,
                  "%,9d acknowledged, %,6.0f a second; shards %s",
                  all,
                  rate,
                  cluster.shards())
              + (all == acknowledgedAtProgress && trouble != null
                  ? "; the latest trouble: " + trouble
                  : ""));
      acknowledgedAtProgress = all;
      progressDue = now + PROGRESS_NANOS;
    }
  }

  private void say(String what) {
    err.println(String.format(Locale.ROOT, "%5.1f s  ", secondsSince(began)) + what);
    err.flush();
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}
