package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends the lease of a killed node although it has a minute left, and what does not. */
@Tag("faults")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class EvidenceTest {
  private static final Duration START_TIME = Duration.ofSeconds(100);
  private static final int SOON_SECONDS = 40;

  private static LocalCluster start(String evidence) {
    LocalCluster cluster =
        LocalCluster.layOut(
            3,
            0,
            0,
            FaultyCluster.JVM,
            List.of("--refused-ports", "never", "--lease", "60000", "--evidence", evidence));
    cluster.nodes().forEach(NodeChild::start);
    LocalCluster.awaitReady(cluster.nodes(), START_TIME);
    return cluster;
  }

  /** The registration under which a node is a member, as another sees it; 0 if it is none. */
  private static long registration(NodeChild asked, NodeChild of) {
    return FaultyCluster.member(asked, of).path("registration").asLong(-1);
  }

  @Test
  void wordOfTheParent_whereItCounts_endsTheLeaseAtOnce() {
    try (LocalCluster cluster = start("child")) {
      NodeChild victim = cluster.node("n3");
      NodeChild other = cluster.node("n1");
      assertThat(registration(other, victim)).isPositive();
      victim.kill();
      Await.until("it is away", SOON_SECONDS, () -> registration(other, victim) == 0);
    }
  }

  @Test
  void lockOfThePredecessor_whereItCounts_endsTheLeaseAtTheRestart_butACopyOfTheDirectoryDoesNot()
      throws IOException {
    try (LocalCluster cluster = start("lock")) {
      NodeChild victim = cluster.node("n3");
      NodeChild other = cluster.node("n1");
      long first = registration(other, victim);
      victim.kill();
      Await.last(2_000);
      assertThat(registration(other, victim)).as("the parent is not believed").isEqualTo(first);
      victim.start();
      Await.until("it is a member again", SOON_SECONDS, () -> registration(other, victim) > first);

      long second = registration(other, victim);
      victim.kill();
      Path original = victim.data().resolveSibling("moved-away");
      Files.move(victim.data(), original);
      copy(original, victim.data());
      victim.start();
      Await.until(
          "it is told to wait",
          SOON_SECONDS,
          () -> victim.lastWords(5).stream().anyMatch(l -> l.contains("its lease must end first")));
      assertThat(registration(other, victim)).isEqualTo(second);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }
}
