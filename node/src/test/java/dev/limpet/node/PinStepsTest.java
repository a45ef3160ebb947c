package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.LimpetException;
import dev.limpet.ProcessId;
import dev.limpet.node.home.MoveWatch.Step;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process is pinned to another node, or is given back from there, under load, and one of the two dies at a step of
 * that: what was acknowledged is there once, and the process can be pinned and unpinned again. The steps at which a pin
 * has most to lose run always, all of them with {@code -Dlimpet.steps=all}.
 */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class PinStepsTest {
  private static final int KEYS = 40;

  /** A node that dies again and again has to stay for longer each time before its shards come home. */
  private static final int DEATHS_OF_A_CLUSTER = 6;

  @TempDir static Path directory;
  private static @Nullable SteppedCluster formed;
  private static int deaths;

  private SteppedCluster cluster;
  private String home;
  private String target;

  /** The two children take turns in being the home of the process and where it is pinned to. */
  @BeforeEach
  void form() throws Exception {
    if (deaths % DEATHS_OF_A_CLUSTER == 0) {
      close();
      formed = new SteppedCluster(directory.resolve("after" + deaths), 0);
    }
    cluster = Objects.requireNonNull(formed);
    home = deaths % 2 == 0 ? "n1" : "n2";
    target = cluster.childBut(home);
    deaths++;
  }

  @AfterAll
  static void close() {
    if (formed != null) {
      formed.close();
    }
  }

  /** Whose death: of the node where the process is hashed to, or of the one that it is pinned to. */
  private enum Victim {
    HOME,
    TARGET
  }

  /** A death; {@code always} if it is one of the few that are run each time. */
  private record Death(Victim victim, Step step, boolean always) {}

  private static Stream<Death> run(Death... deaths) {
    return Stream.of(deaths).filter(d -> Extent.ALL || d.always);
  }

  static Stream<Death> ofMove() {
    return run(
        new Death(Victim.HOME, Step.LEFT, true),
        new Death(Victim.HOME, Step.CLAIMING, false),
        new Death(Victim.HOME, Step.OPENED, false),
        new Death(Victim.HOME, Step.FROZEN, false),
        new Death(Victim.HOME, Step.SAVED, false),
        new Death(Victim.HOME, Step.CARRIED, false),
        new Death(Victim.HOME, Step.RENOUNCED, true),
        new Death(Victim.TARGET, Step.ARRIVED, false),
        new Death(Victim.TARGET, Step.CLAIMING, false),
        new Death(Victim.TARGET, Step.OPENED, false));
  }

  static Stream<Death> ofUnpin() {
    return run(
        new Death(Victim.TARGET, Step.FROZEN, false),
        new Death(Victim.TARGET, Step.SAVED, false),
        new Death(Victim.TARGET, Step.CARRIED, false),
        new Death(Victim.TARGET, Step.RENOUNCED, true),
        new Death(Victim.HOME, Step.ARRIVED, false),
        new Death(Victim.HOME, Step.CLAIMING, false),
        new Death(Victim.HOME, Step.OPENED, false),
        new Death(Victim.HOME, Step.ENDED, true));
  }

  @ParameterizedTest
  @MethodSource("ofMove")
  void deathWhileAProcessIsPinned_losesNothing(Death death) throws Exception {
    try (AdderLoad load = load("pin-" + death.victim + death.step + "-")) {
      ProcessId moved = ofHome(load);
      cluster.dieAt(victim(death), death.step);
      orderUntilDead(() -> cluster.door().move(moved, target), victim(death));
      check(load, moved, death);
    }
  }

  @ParameterizedTest
  @MethodSource("ofUnpin")
  void deathWhileAPinIsGivenBack_losesNothing(Death death) throws Exception {
    try (AdderLoad load = load("unpin-" + death.victim + death.step + "-")) {
      ProcessId moved = ofHome(load);
      assertThat(cluster.door().move(moved, target).done()).isTrue();
      cluster.dieAt(victim(death), death.step);
      orderUntilDead(() -> cluster.door().unpin(moved), victim(death));
      check(load, moved, death);
    }
  }

  private String victim(Death death) {
    return death.victim == Victim.HOME ? home : target;
  }

  private AdderLoad load(String name) throws Exception {
    AdderLoad load = new AdderLoad(cluster.here(), name, KEYS, System.nanoTime());
    load.touchMemory();
    return load;
  }

  /** One of the counters whose hashed shard is at home at the one of the two. */
  private ProcessId ofHome(AdderLoad load) {
    return IntStream.range(0, KEYS)
        .mapToObj(k -> new ProcessId("probe", load.key(k)))
        .filter(id -> home.equals(cluster.door().where(id).home()))
        .findFirst()
        .orElseThrow();
  }

  /** Gives an order whose outcome does not matter: the node that should carry it out dies of it. */
  private void orderUntilDead(Runnable order, String victim) throws Exception {
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

  private void check(AdderLoad load, ProcessId moved, Death death) throws Exception {
    String victim = victim(death);
    cluster.awaitLeft(victim);
    cluster.restart(victim);
    assertThat(cluster.door().move(moved, target).done()).as("can be pinned again").isTrue();
    assertThat(cluster.door().unpin(moved).done()).as("can be given back again").isTrue();
    cluster.awaitHome();
    int calls = load.verify();
    System.getLogger("test")
        .log(
            System.Logger.Level.INFO,
            "{0} died at {1} of {2}: {3} calls",
            victim,
            death.step,
            moved,
            calls);
  }
}
