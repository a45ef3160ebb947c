package dev.limpet.node;

import dev.limpet.node.home.MoveWatch.Step;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The leader of the ledger dies while moves between others stand at a step, under load: they go on under the next
 * leader, what was acknowledged is there once, and every shard finds a home. The node of this JVM, n0, has joined the
 * three that hold the ledger. Two of four steps run always, all with {@code -Dlimpet.steps=all}.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class LeaderStepsTest {
  private static final int KEYS = 60;

  @TempDir static Path directory;
  private static SteppedCluster cluster;

  @BeforeAll
  static void form() throws Exception {
    cluster = new SteppedCluster(directory, 1);
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  static Stream<Step> stepsOfTheSource() {
    return Extent.of(List.of(Step.RENOUNCED), List.of(Step.SAVED));
  }

  static Stream<Step> stepsOfTheTarget() {
    return Extent.of(List.of(Step.ARRIVED), List.of(Step.CLAIMING));
  }

  @ParameterizedTest
  @MethodSource("stepsOfTheSource")
  void leaderThatDies_whileTheSourceStandsAtAStep_losesNothing(Step step) throws Exception {
    String leader = cluster.leader();
    dies(step, leader, cluster.childBut(leader));
  }

  @ParameterizedTest
  @MethodSource("stepsOfTheTarget")
  void leaderThatDies_whileTheTargetStandsAtAStep_losesNothing(Step step) throws Exception {
    String leader = cluster.leader();
    dies(step, leader, cluster.childBut(leader, cluster.childBut(leader)));
  }

  private static void dies(Step step, String leader, String holder) throws Exception {
    String drained = cluster.childBut(leader);
    long seed = System.nanoTime();
    try (AdderLoad load = new AdderLoad(cluster.here(), step + "-", KEYS, seed)) {
      load.touchMemory();
      cluster.holdAt(holder, step);
      cluster.door().drain(drained);
      cluster.awaitHeld(holder, step);
      cluster.kill(leader);
      cluster.goOn(holder);
      cluster.awaitLeft(leader);
      cluster.awaitLeft(drained);
      cluster.restart(leader);
      cluster.door().undrain(drained);
      cluster.awaitHome();
      int calls = load.verify();
      System.getLogger("test")
          .log(
              System.Logger.Level.INFO,
              "{0} died, leading, while {1} stood at {2}: seed {3}, {4} calls",
              leader,
              holder,
              step,
              Long.toString(seed),
              calls);
    }
  }
}
