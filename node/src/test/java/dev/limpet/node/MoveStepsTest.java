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
 * The source or the target of planned moves dies at each step of one, under load: what was acknowledged is there once,
 * and every shard finds a home. The node of this JVM, n0, lives on; n1 is drained; n2 and n0 are the targets.
 * Two of the seven steps run always, all with {@code -Dlimpet.steps=all}.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class MoveStepsTest {
  private static final int KEYS = 60;

  @TempDir static Path directory;
  private static SteppedCluster cluster;

  @BeforeAll
  static void form() throws Exception {
    cluster = new SteppedCluster(directory, 0);
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  static Stream<Step> stepsOfTheSource() {
    return Extent.of(List.of(Step.RENOUNCED), List.of(Step.SAVED, Step.FROZEN, Step.CARRIED));
  }

  static Stream<Step> stepsOfTheTarget() {
    return Extent.of(List.of(Step.OPENED), List.of(Step.ARRIVED, Step.CLAIMING));
  }

  @ParameterizedTest
  @MethodSource("stepsOfTheSource")
  void sourceThatDies_losesNothingAndItsShardsFindAHome(Step step) throws Exception {
    dies(step, "n1");
  }

  @ParameterizedTest
  @MethodSource("stepsOfTheTarget")
  void targetThatDies_losesNothingAndTheShardsFindAHome(Step step) throws Exception {
    dies(step, "n2");
  }

  private static void dies(Step step, String victim) throws Exception {
    long seed = System.nanoTime();
    try (AdderLoad load = new AdderLoad(cluster.here(), step + "-", KEYS, seed)) {
      load.touchMemory();
      cluster.dieAt(victim, step);
      cluster.door().drain("n1");
      cluster.awaitDead(victim);
      cluster.awaitLeft(victim);
      cluster.restart(victim);
      cluster.door().undrain("n1");
      cluster.awaitHome();
      int calls = load.verify();
      System.getLogger("test")
          .log(
              System.Logger.Level.INFO,
              "{0} died at {1}: seed {2}, {3} calls",
              victim,
              step,
              Long.toString(seed),
              calls);
    }
  }
}
