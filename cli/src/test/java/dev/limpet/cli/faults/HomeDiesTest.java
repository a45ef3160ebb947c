package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kill -9} under load: what was acknowledged is there exactly once, and nobody saw time go backwards. */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class HomeDiesTest {
  private static final int SHARDS_DEAL_SECONDS = 20;
  private static final double GAP_SECONDS_MAX = 12;

  @Test
  void killOfAHome_losesNothing_spreadsItsShardsEvenly_andTheyComeHome(FaultyCluster cluster) {
    try (Trial trial = Trial.begin(cluster, "home-dies")) {
      NodeChild victim = cluster.follower();
      victim.kill();
      awaitSpread(cluster, victim);
      trial.verify();
      assertThat(trial.longestGapSeconds()).isLessThan(GAP_SECONDS_MAX);
    }
  }

  @Test
  void killOfTheLeaderThatIsAHome_losesNothing(FaultyCluster cluster) {
    try (Trial trial = Trial.begin(cluster, "leader-and-home-dies")) {
      NodeChild victim = cluster.leader();
      victim.kill();
      awaitSpread(cluster, victim);
      trial.verify();
      assertThat(trial.longestGapSeconds()).isLessThan(GAP_SECONDS_MAX);
    }
  }

  @Test
  @Tag("wide")
  void killOfTheLeaderThatIsNoHome_losesNothing_andHardlyInterrupts(FaultyCluster cluster) {
    cluster.heal();
    NodeChild victim = cluster.leader();
    NodeChild other = cluster.others(victim).getFirst();
    FaultyCluster.command(other, "/admin/drain/" + victim.id());
    try {
      Await.until("it is empty", SHARDS_DEAL_SECONDS, () -> shards(other, victim) == 0);
      try (Trial trial = Trial.beginAsIs(cluster, "leader-dies")) {
        victim.kill();
        awaitSpread(cluster, victim);
        victim.start();
        FaultyCluster.command(other, "/admin/undrain/" + victim.id());
        trial.verify();
        assertThat(trial.longestGapSeconds()).isLessThan(GAP_SECONDS_MAX);
      }
    } finally {
      FaultyCluster.command(other, "/admin/undrain/" + victim.id());
    }
  }

  @Test
  void killOfAll_losesNothing(FaultyCluster cluster) {
    try (Trial trial = Trial.begin(cluster, "all-die")) {
      cluster.nodes().forEach(NodeChild::kill);
      cluster.nodes().forEach(NodeChild::start);
      trial.verify();
    }
  }

  /** Both survivors see all shards of the dead node dealt to them, within one of each other. */
  private static void awaitSpread(FaultyCluster cluster, NodeChild dead) {
    List<NodeChild> survivors = cluster.others(dead);
    Await.until(
        "the shards of the dead node are dealt evenly",
        SHARDS_DEAL_SECONDS,
        () ->
            survivors.stream()
                .allMatch(asked -> {
                  int first = shards(asked, survivors.get(0));
                  int second = shards(asked, survivors.get(1));
                  return first + second == 256 && Math.abs(first - second) <= 1;
                }));
  }

  private static int shards(NodeChild asked, NodeChild of) {
    return FaultyCluster.member(asked, of).path("shards").asInt(0);
  }
}
