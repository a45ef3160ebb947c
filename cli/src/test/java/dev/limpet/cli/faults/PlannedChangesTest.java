package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Nodes are drained, stopped and started again, and processes pinned and unpinned, under load, and no call fails but for connections to a node that is down;
 * what lives in memory lives on. One round here; {@code -Dlimpet.rounds=10} for the long version.
 */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class PlannedChangesTest {
  private static final int ROUNDS = Integer.getInteger("limpet.rounds", 1);
  private static final int MOVED_SECONDS = 30;
  private static final int PINNED = 12;
  private static final int STOP_SECONDS = 30;

  @Test
  void drainsPinsAndRollingRestarts_underLoad_failNoCallAndLoseNoMemory(FaultyCluster cluster) {
    cluster.heal();
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Set<String> pinned = new TreeSet<>();
    try (CalmCrowd crowd = CalmCrowd.start(cluster.http(), "planned", seed)) {
      for (int round = 1; round <= ROUNDS; round++) {
        drain(cluster, cluster.nodes().get(random.nextInt(3)));
        pinAndUnpin(cluster, random, pinned);
        for (NodeChild node : cluster.nodes()) {
          restart(cluster, node, crowd);
        }
        System.err.printf(
            Locale.ROOT,
            "planned: round %d of %d, seed %d: %d calls, %d turned away by a node that stopped;"
                + " longest wait of a process p50 %.0f ms, p99 %.0f ms, max %.0f ms%n",
            round,
            ROUNDS,
            seed,
            crowd.calls(),
            crowd.turnedAway(),
            crowd.pauseMillis(50),
            crowd.pauseMillis(99),
            crowd.pauseMillis(100));
      }
      // The other tests of this cluster count its shards, and a pin counts like one.
      pinned.forEach(p -> FaultyCluster.command(cluster.leader(), "/admin/unpin/" + p));
      List<String> findings = crowd.findings();
      assertThat(findings).as("seed %d", seed).isEmpty();
    }
  }

  private static void drain(FaultyCluster cluster, NodeChild node) {
    NodeChild asked = cluster.others(node).getFirst();
    FaultyCluster.command(asked, "/admin/drain/" + node.id());
    Await.until(
        node.id() + " is empty",
        MOVED_SECONDS,
        () -> FaultyCluster.member(asked, node).path("shards").asInt(-1) == 0);
    FaultyCluster.command(asked, "/admin/undrain/" + node.id());
    cluster.awaitHome();
  }

  /** Gives some processes homes of their own, among them some that live only in memory, and most of them back. */
  private static void pinAndUnpin(
      FaultyCluster cluster, SplittableRandom random, Set<String> pinned) {
    for (int i = 0; i < PINNED; i++) {
      String process = (i % 2 == 0 ? "counter/planned" : "visits/planned") + random.nextInt(50);
      NodeChild asked = cluster.nodes().get(random.nextInt(3));
      String node = cluster.nodes().get(random.nextInt(3)).id();
      FaultyCluster.command(asked, "/admin/move/" + process + "/" + node);
      pinned.add(process);
      if (random.nextInt(4) != 0) {
        FaultyCluster.command(asked, "/admin/unpin/" + process);
        pinned.remove(process);
      }
    }
  }

  private static void restart(FaultyCluster cluster, NodeChild node, CalmCrowd crowd) {
    crowd.stops(node.http(), true);
    assertThat(node.stop(STOP_SECONDS)).as(node.id() + " drains and leaves by itself").isTrue();
    node.start();
    cluster.heal();
    crowd.stops(node.http(), false);
  }
}
