package dev.limpet.cli.faults;

import dev.limpet.cli.cluster.NodeChild;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node without a majority says so, whatever it is asked, and never answers from what it remembers. */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class AloneTest {
  @Test
  void survivorOfTwoKills_refusesEveryCallAfterItsLease_andServesAgain(FaultyCluster cluster) {
    cluster.heal();
    NodeChild alone = cluster.leader();
    try (Loner loner = new Loner(cluster, alone, "kills")) {
      cluster.others(alone).forEach(NodeChild::kill);
      loner.isCutOff();
      cluster.others(alone).forEach(NodeChild::start);
      loner.isBack();
    }
  }

  @Test
  @Tag("wide")
  void nodeBesideTwoThatStandStill_refusesEveryCallAfterItsLease_andServesAgain(
      FaultyCluster cluster) {
    cluster.heal();
    NodeChild alone = cluster.follower();
    try (Loner loner = new Loner(cluster, alone, "standstills")) {
      cluster.others(alone).forEach(NodeChild::freeze);
      try {
        loner.isCutOff();
      } finally {
        cluster.others(alone).forEach(NodeChild::thaw);
      }
      loner.isBack();
    }
  }
}
