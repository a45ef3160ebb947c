package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.LimpetException;
import dev.limpet.ProcessId;
import dev.limpet.node.home.MoveWatch.Step;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process of n1 is pinned to n2, or is given back from there, under load, and one of the two dies at a step of that:
 * what was acknowledged is there once, and the process can be pinned and unpinned again. The steps at which a pin has most
 * to lose run always, all of them with {@code -Dlimpet.steps=all}.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class PinStepsTest {
  private static final boolean ALL = System.getProperty("limpet.steps", "").equals("all");
  private static final int KEYS = 40;

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

  /** A death; {@code always} if it is one of the few that are run each time. */
  private record Death(String victim, Step step, boolean always) {}

  private static Stream<Death> run(Death... deaths) {
    return Stream.of(deaths).filter(d -> ALL || d.always);
  }

  static Stream<Death> ofMove() {
    return run(
        new Death("n1", Step.LEFT, true),
        new Death("n1", Step.CLAIMING, false),
        new Death("n1", Step.OPENED, true),
        new Death("n1", Step.FROZEN, false),
        new Death("n1", Step.SAVED, false),
        new Death("n1", Step.CARRIED, false),
        new Death("n1", Step.RENOUNCED, true),
        new Death("n2", Step.ARRIVED, false),
        new Death("n2", Step.CLAIMING, false),
        new Death("n2", Step.OPENED, false));
  }

  static Stream<Death> ofUnpin() {
    return run(
        new Death("n2", Step.FROZEN, false),
        new Death("n2", Step.SAVED, false),
        new Death("n2", Step.CARRIED, false),
        new Death("n2", Step.RENOUNCED, true),
        new Death("n1", Step.ARRIVED, false),
        new Death("n1", Step.CLAIMING, false),
        new Death("n1", Step.OPENED, false),
        new Death("n1", Step.ENDED, true));
  }

  @ParameterizedTest
  @MethodSource("ofMove")
  void deathWhileAProcessIsPinned_losesNothing(Death death) throws Exception {
    String name = "pin-" + death.victim + death.step + "-";
    try (AdderLoad load = load(name)) {
      ProcessId moved = ofN1(load);
      cluster.dieAt(death.victim, death.step);
      orderUntilDead(() -> cluster.door().move(moved, "n2"), death.victim);
      check(load, moved, death);
    }
  }

  @ParameterizedTest
  @MethodSource("ofUnpin")
  void deathWhileAPinIsGivenBack_losesNothing(Death death) throws Exception {
    String name = "unpin-" + death.victim + death.step + "-";
    try (AdderLoad load = load(name)) {
      ProcessId moved = ofN1(load);
      assertThat(cluster.door().move(moved, "n2").done()).isTrue();
      cluster.dieAt(death.victim, death.step);
      orderUntilDead(() -> cluster.door().unpin(moved), death.victim);
      check(load, moved, death);
    }
  }

  private static AdderLoad load(String name) throws Exception {
    AdderLoad load = new AdderLoad(cluster.here(), name, KEYS, System.nanoTime());
    load.touchMemory();
    return load;
  }

  /** One of the counters whose hashed shard is at home at n1. */
  private static ProcessId ofN1(AdderLoad load) {
    return IntStream.range(0, KEYS)
        .mapToObj(k -> new ProcessId("probe", load.key(k)))
        .filter(id -> "n1".equals(cluster.door().where(id).home()))
        .findFirst()
        .orElseThrow();
  }

  /** Gives an order whose outcome does not matter: the node that should carry it out dies of it. */
  private static void orderUntilDead(Runnable order, String victim) throws Exception {
    Caller<Boolean> ordered =
        Caller.start(() -> {
          try {
            order.run();
            return true;
          } catch (LimpetException e) {
            return false;
          }
        });
    cluster.awaitDead(victim);
    ordered.awaitDone();
  }

  private static void check(AdderLoad load, ProcessId moved, Death death) throws Exception {
    cluster.awaitLeft(death.victim);
    cluster.restart(death.victim);
    assertThat(cluster.door().move(moved, "n2").done()).as("can be pinned again").isTrue();
    assertThat(cluster.door().unpin(moved).done()).as("can be given back again").isTrue();
    cluster.awaitHome();
    int calls = load.verify();
    System.getLogger("test")
        .log(
            System.Logger.Level.INFO,
            "{0} died at {1} of {2}: {3} calls",
            death.victim,
            death.step,
            moved,
            calls);
  }
}
