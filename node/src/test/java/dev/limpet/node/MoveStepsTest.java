package dev.limpet.node;

import dev.limpet.node.home.MoveWatch.Step;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The source or the target of planned moves dies at each step of one, under load: what was acknowledged is there once,
 * and every shard finds a home. The node of this JVM, n0, lives on; n1 is drained; n2 and n0 are the targets.
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

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"FROZEN", "SAVED", "CARRIED", "RENOUNCED"})
  void sourceThatDies_losesNothingAndItsShardsFindAHome(Step step) throws Exception {
    dies(step, "n1");
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"ARRIVED", "CLAIMING", "OPENED"})
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
