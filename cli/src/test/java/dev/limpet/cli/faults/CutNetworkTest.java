package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.network.Namespaces;
import dev.limpet.cli.network.Namespaces.Break;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A node that the others do not reach, or that does not reach them, though it lives: the majority goes on, and it stops
 * before they take over. {@code -Dlimpet.rounds=2} takes both a leader and a follower for each.
 */
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class CutNetworkTest {
  private static final Duration START_TIME = Duration.ofSeconds(100);
  private static final int FAULT_MILLIS = 7_000;

  /** Null where namespaces are not permitted; the nodes are on loopback then. */
  private @Nullable Namespaces networks;

  private FaultyCluster cluster;

  @BeforeAll
  void layCables() throws IOException {
    if (!Namespaces.permitted()) {
      cluster = FaultyCluster.start();
      return;
    }
    networks = Namespaces.make(3);
    cluster =
        new FaultyCluster(
            LocalCluster.layOut(networks.places(), FaultyCluster.JVM, List.of("--insecure")));
    cluster.nodes().forEach(NodeChild::start);
    LocalCluster.awaitReady(cluster.nodes(), START_TIME);
  }

  @AfterAll
  void takeDown() {
    if (cluster != null) {
      cluster.close();
    }
    if (networks != null) {
      networks.close();
    }
  }

  @Test
  void nodeCutOffFromTheMajority_refusesEveryCallAfterItsLease_andServesAgain() throws IOException {
    Namespaces cables = networks;
    if (cables == null) {
      System.err.println("faults: instead of a cut cable the other two nodes stand still");
      standStill();
      return;
    }
    cluster.heal();
    NodeChild alone = cluster.follower();
    try (Loner loner = new Loner(cluster, alone, "cut")) {
      cables.sever(number(alone), Break.CUT);
      loner.isCutOff();
      cables.mend(number(alone), Break.CUT);
      loner.isBack();
    }
  }

  static Stream<Arguments> breaks() {
    List<Arguments> some = List.of(Arguments.of(Break.MUTE, true));
    List<Arguments> others =
        List.of(
            Arguments.of(Break.CUT, false),
            Arguments.of(Break.CUT, true),
            Arguments.of(Break.DEAF, true),
            Arguments.of(Break.MUTE, false),
            Arguments.of(Break.DEAF, false));
    return Stream.concat(
        some.stream(),
        Integer.getInteger("limpet.rounds", 1) > 1 ? others.stream() : Stream.empty());
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void brokenCableOfANode_losesNothing_andEveryKeyIsServedAgainWithinFiveSeconds(
      Break how, boolean leads) throws IOException {
    Namespaces cables = networks;
    if (cables == null) {
      System.err.println("faults: LEFT OUT, for want of namespaces: a cable that is " + how);
      return;
    }
    String name = how.name().toLowerCase(Locale.ROOT) + (leads ? "-leader" : "");
    try (Trial trial = Trial.begin(cluster, name)) {
      int node = number(leads ? cluster.leader() : cluster.follower());
      trial.faultBegins();
      cables.sever(node, how);
      try {
        Await.last(FAULT_MILLIS);
      } finally {
        cables.mend(node, how);
      }
      trial.verify();
      assertThat(trial.longestGapSeconds()).isLessThan(Trial.SILENCE_SECONDS_MAX);
    }
  }

  private int number(NodeChild node) {
    return cluster.nodes().indexOf(node) + 1;
  }

  private void standStill() {
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
