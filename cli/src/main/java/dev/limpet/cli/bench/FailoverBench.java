package dev.limpet.cli.bench;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.load.Probe;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Three nodes, 120 saved counters called every 20 ms over HTTP, and a node that dies or stands still. */
final class FailoverBench {
  private static final int NODES = 3;
  private static final int KEYS = 120;
  private static final long PERIOD_NANOS = 20_000_000;
  private static final long AFFECTED_NANOS = 250_000_000;
  private static final Duration START_PATIENCE = Duration.ofSeconds(90);
  private static final long HOME_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_MILLIS = 50;

  private final int warmSeconds;
  private final int seconds;
  private final int freezeSeconds;
  private final String refusedPorts;
  private final String evidence;
  private final boolean explains;
  private final PrintWriter err;
  private final List<String> explained = new ArrayList<>();

  /** One failure: the longest time without a success of any key, how many keys felt it, and the way home. */
  private record Failure(
      String kind, double gapSeconds, long affected, @Nullable Double homeSeconds) {}

  FailoverBench(
      int warmSeconds,
      int seconds,
      int freezeSeconds,
      String refusedPorts,
      String evidence,
      boolean explains,
      PrintWriter err) {
    this.explains = explains;
    this.refusedPorts = refusedPorts;
    this.evidence = evidence;
    this.warmSeconds = warmSeconds;
    this.seconds = seconds;
    this.freezeSeconds = freezeSeconds;
    this.err = err;
  }

  String run(BenchCommand.Victim victim) throws InterruptedException {
    try (LocalCluster cluster =
        LocalCluster.layOut(
            NODES,
            0,
            0,
            List.of(),
            List.of("--bench", "--refused-ports", refusedPorts, "--evidence", evidence))) {
      say("starting " + NODES + " nodes");
      cluster.nodes().forEach(NodeChild::start);
      LocalCluster.awaitReady(cluster.nodes(), START_PATIENCE);
      List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> "k" + i).toList();
      try (Probe probe = Probe.start(cluster.http(), keys, PERIOD_NANOS)) {
        say("probing " + KEYS + " keys every 20 ms");
        TimeUnit.SECONDS.sleep(warmSeconds);
        List<Failure> failures = new ArrayList<>();
        if (victim != BenchCommand.Victim.LEADER) {
          failures.add(fail("home", cluster, probe));
        }
        if (victim != BenchCommand.Victim.HOME) {
          failures.add(fail("leader", cluster, probe));
        }
        probe.stop();
        return result(probe, failures);
      }
    }
  }

  private Failure fail(String kind, LocalCluster cluster, Probe probe) throws InterruptedException {
    String leader = cluster.leader();
    if (leader == null) {
      throw Refusal.failed("no node says who leads the ledger");
    }
    NodeChild node =
        cluster.nodes().stream()
            .filter(n -> n.id().equals(leader) == kind.equals("leader"))
            .findFirst()
            .orElseThrow();
    try (FailoverTimeline timeline = explains ? FailoverTimeline.of(cluster, node) : null) {
      return fail(kind, cluster, probe, leader, node, timeline);
    }
  }

  private Failure fail(
      String kind,
      LocalCluster cluster,
      Probe probe,
      String leader,
      NodeChild node,
      @Nullable FailoverTimeline timeline)
      throws InterruptedException {
    long failed = System.nanoTime();
    if (freezeSeconds > 0) {
      say(
          "SIGSTOP of "
              + node.id()
              + " for "
              + freezeSeconds
              + " s; the ledger is led by "
              + leader);
      node.freeze();
      TimeUnit.SECONDS.sleep(freezeSeconds);
      node.thaw();
    } else {
      say("kill -9 of " + node.id() + "; the ledger is led by " + leader);
      node.kill();
    }
    TimeUnit.SECONDS.sleep(seconds);
    long restarted = System.nanoTime();
    double gap = probe.gaps().longestSince(failed, restarted) / 1e9;
    if (timeline != null) {
      explained.add((freezeSeconds > 0 ? "SIGSTOP of " : "kill -9 of ") + node.id() + ":");
      explained.addAll(
          timeline.lines(
              failed,
              node.id().equals(leader),
              probe.gaps().longest(AFFECTED_NANOS, failed, restarted)));
    }
    long affected = probe.gaps().keysWithGap(AFFECTED_NANOS, failed, restarted);
    if (freezeSeconds == 0) {
      node.start();
    }
    Double home = null;
    while (home == null && System.nanoTime() - restarted < HOME_PATIENCE_NANOS) {
      if (node.isReady() && cluster.shards().isHome(node.id())) {
        home = (System.nanoTime() - restarted) / 1e9;
      } else {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    }
    double homeGap = probe.gaps().longestSince(restarted, System.nanoTime()) / 1e9;
    say(
        String.format(
            Locale.ROOT,
            "longest gap %.2f s; then home again %s, with gaps of at most %.2f s",
            gap,
            home == null ? "never" : String.format(Locale.ROOT, "after %.1f s", home),
            homeGap));
    return new Failure(kind, gap, affected, home);
  }

  /** The steps of each failure, if they were asked for. */
  List<String> explained() {
    return explained;
  }

  private String result(Probe probe, List<Failure> failures) {
    StringBuilder line = new StringBuilder("RESULT case=failover");
    line.append(freezeSeconds > 0 ? " fault=freeze-" + freezeSeconds + "s" : " fault=kill");
    line.append(" refused-ports=").append(refusedPorts).append(" evidence=").append(evidence);
    line.append(" keys=").append(KEYS);
    double longest = failures.stream().mapToDouble(Failure::gapSeconds).max().orElse(0);
    line.append(String.format(Locale.ROOT, " longest-gap=%.2fs", longest));
    for (Failure failure : failures) {
      line.append(
          String.format(
              Locale.ROOT,
              " %s-gap=%.2fs %s-affected=%d %s-back=%s",
              failure.kind(),
              failure.gapSeconds(),
              failure.kind(),
              failure.affected(),
              failure.kind(),
              failure.homeSeconds() == null
                  ? "never"
                  : String.format(Locale.ROOT, "%.1fs", failure.homeSeconds())));
    }
    long acknowledged =
        probe.tallies().values().stream().mapToLong(tally -> tally.acknowledged()).sum();
    return line.append(" acknowledged=").append(acknowledged).toString();
  }

  private void say(String text) {
    err.println(text);
    err.flush();
  }
}
