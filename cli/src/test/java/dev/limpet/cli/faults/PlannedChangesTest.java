package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Nodes join, are drained, stopped and started again, and processes pinned and unpinned, under load, and no call fails
 * but for connections to a node that is down; what lives in memory lives on. One round; {@code -Dlimpet.rounds=10
 * -Dlimpet.test.seconds=3600}, and {@code -Dlimpet.pins=300}, for the long version.
 */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class PlannedChangesTest {
  private static final int ROUNDS = Integer.getInteger("limpet.rounds", 1);

  @Test
  void drainsPinsAndRollingRestarts_ofThreeNodes_failNoCallAndLoseNoMemory(FaultyCluster cluster) {
    cluster.heal();
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    try (CalmCrowd crowd = CalmCrowd.start(cluster.http(), "planned", seed)) {
      PlannedChanges changes = new PlannedChanges(cluster, crowd, "planned", seed);
      for (int round = 1; round <= ROUNDS; round++) {
        changes.round("%d of %d with three nodes".formatted(round, ROUNDS), cluster.nodes());
      }
      // The other tests of this cluster count its shards, and a pin counts like one.
      changes.unpinAll();
      List<String> findings = crowd.findings();
      assertThat(findings).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  @Tag("wide")
  void growingToFiveNodes_changesOfThem_andShrinking_failNoCallAndLoseNoMemory() {
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    try (FaultyCluster cluster = FaultyCluster.startThreeOf(5);
        CalmCrowd crowd =
            CalmCrowd.start(cluster.http(), cluster.http().subList(3, 5), "grown", seed)) {
      PlannedChanges changes = new PlannedChanges(cluster, crowd, "grown", seed);
      List<NodeChild> joining = cluster.nodes().subList(3, 5);
      joining.forEach(NodeChild::start);
      cluster.heal();
      joining.forEach(node -> crowd.stops(node.http(), false));
      for (int round = 1; round <= ROUNDS; round++) {
        changes.round("%d of %d with five nodes".formatted(round, ROUNDS), cluster.nodes());
      }
      changes.unpinAll();
      joining.forEach(changes::leaveForGood);
      List<String> findings = crowd.findings();
      assertThat(findings).as("seed %d", seed).isEmpty();
    }
  }
}
