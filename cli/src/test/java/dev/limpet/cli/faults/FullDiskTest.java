package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.cluster.SmallDisks;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A disk that is full, of the ledger's leader and of another node: its node gives its shards away, stops and says why,
 * and comes back when there is room.
 */
@Tag("faults")
@Tag("wide")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class FullDiskTest {
  private static final Duration START_TIME = Duration.ofSeconds(100);
  private static final int STOP_SECONDS = 30;

  @Test
  void fullDisk_itsNodeGivesItsShardsAwayAndStops_andComesBackWhenThereIsRoom() throws IOException {
    LocalCluster laidOut = LocalCluster.layOut(3, 0, 0, FaultyCluster.JVM, List.of());
    try (FaultyCluster cluster = new FaultyCluster(laidOut);
        SmallDisks disks = SmallDisks.under(cluster.nodes())) {
      cluster.nodes().forEach(NodeChild::start);
      LocalCluster.awaitReady(cluster.nodes(), START_TIME);
      fill(cluster, disks, true);
      fill(cluster, disks, false);
    }
  }

  private static void fill(FaultyCluster cluster, SmallDisks disks, boolean leads)
      throws IOException {
    try (Trial trial = Trial.begin(cluster, leads ? "full-disk-leader" : "full-disk")) {
      NodeChild victim = leads ? cluster.leader() : cluster.follower();
      trial.faultBegins();
      long begun = System.nanoTime();
      disks.fill(victim);
      Await.until("the node with the full disk stops", STOP_SECONDS, () -> !victim.isAlive());
      System.err.printf(
          "faults: full disk: stopped after %.1f s%n", (System.nanoTime() - begun) / 1e9);
      assertThat(victim.end()).endsWith("exit code 3");
      if (disks.areReal()) {
        assertThat(victim.lastWords(200)).anyMatch(FullDiskTest::saysWhatToDo);
        victim.start();
        Await.until("it does not start on a full disk", STOP_SECONDS, () -> !victim.isAlive());
        assertThat(victim.lastWords(1)).allMatch(FullDiskTest::saysWhatToDo);
      }
      disks.makeRoom(victim);
      trial.verify();
      assertThat(trial.longestGapSeconds()).isLessThan(Trial.SILENCE_SECONDS_MAX);
    }
  }

  private static boolean saysWhatToDo(String line) {
    return Stream.of("limpet: ", "LMP-4012", "MB are needed", "make room").allMatch(line::contains);
  }
}
