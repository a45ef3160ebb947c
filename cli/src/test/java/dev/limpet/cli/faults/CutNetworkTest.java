package dev.limpet.cli.faults;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node that the others do not reach, though it lives: the majority goes on, and it stops before they take over. */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class CutNetworkTest {
  private static final Duration START_TIME = Duration.ofSeconds(100);
  private static final int CUT = 2;

  @Test
  void nodeCutOffFromTheMajority_refusesEveryCallAfterItsLease_whileTheMajorityGoesOn(
      FaultyCluster shared) throws IOException {
    // One cluster at a time is enough for a small machine; this one rises again with the next test.
    shared.nodes().forEach(NodeChild::kill);
    if (!Namespaces.permitted()) {
      System.err.println("faults: instead of a cut cable the other two nodes stand still");
      standStill(shared);
      return;
    }
    System.err.println("faults: the cable of a node is cut, in network namespaces");
    try (Namespaces networks = Namespaces.make(3);
        FaultyCluster cluster =
            new FaultyCluster(
                LocalCluster.layOut(networks.places(), FaultyCluster.JVM, List.of("--insecure")))) {
      cluster.nodes().forEach(NodeChild::start);
      LocalCluster.awaitReady(cluster.nodes(), START_TIME);
      cutAlone(cluster, networks);
      cutUnderLoad(cluster, networks);
    }
  }

  private static void cutAlone(FaultyCluster cluster, Namespaces networks) throws IOException {
    cluster.heal();
    try (Loner loner = new Loner(cluster, cluster.nodes().get(CUT - 1), "cut")) {
      networks.cut(CUT);
      loner.isCutOff();
      networks.join(CUT);
      loner.isBack();
    }
  }

  private static void cutUnderLoad(FaultyCluster cluster, Namespaces networks) throws IOException {
    try (Trial trial = Trial.begin(cluster, "cut")) {
      networks.cut(CUT);
      Await.last(8_000);
      networks.join(CUT);
      trial.verify();
    }
  }

  private static void standStill(FaultyCluster cluster) {
    cluster.heal();
    NodeChild alone = cluster.leader();
    try (Loner loner = new Loner(cluster, alone, "followers-still")) {
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
