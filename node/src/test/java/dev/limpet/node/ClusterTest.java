package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.CallRefused;
import dev.limpet.CellMisused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.ProcessFailed;
import dev.limpet.ProcessId;
import dev.limpet.StartFailed;
import dev.limpet.node.door.Door;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes that formed a cluster from empty directories: calls between them. */
@Timeout(90)
class ClusterTest {
  @TempDir static Path directory;
  private static Trio trio;

  @BeforeAll
  static void form() throws Exception {
    trio = new Trio(directory);
    trio.start(2, 0, 1);
  }

  @AfterAll
  static void close() {
    trio.close();
  }

  private static Probe probe(int node, String key) {
    return trio.node(node).get(Probe.class, key);
  }

  @Test
  void nodes_startedInAnyOrder_formOneClusterThatSharesTheShards() {
    List<String> ids =
        List.of(0, 1, 2).stream()
            .map(n -> ((Door) trio.node(n)).cluster().clusterId())
            .distinct()
            .toList();
    assertThat(ids).hasSize(1);
    for (int n = 0; n < 3; n++) {
      int open = n;
      Caller.until(() -> ((Door) trio.node(open)).cluster().shardsOpen() > 0);
    }
  }

  @Test
  void counter_calledThroughAllNodes_isOneCounter() throws Exception {
    for (int i = 1; i <= 9; i++) {
      assertThat(probe(i % 3, "counter").act("add")).isEqualTo(i);
    }
    for (int n = 0; n < 3; n++) {
      assertThat(probe(n, "counter").look("get")).isEqualTo(9);
    }
  }

  @Test
  void counters_calledThroughAllNodesAtOnce_loseNothing() throws Exception {
    List<Caller<Long>> callers =
        java.util.stream.IntStream.range(0, 12)
            .mapToObj(i ->
                Caller.start(() -> {
                  long last = 0;
                  for (int n = 0; n < 25; n++) {
                    last = probe(i % 3, "busy" + n % 5).act("add");
                  }
                  return last;
                }))
            .toList();
    for (Caller<Long> caller : callers) {
      caller.get();
    }
    long sum = 0;
    for (int n = 0; n < 5; n++) {
      sum += probe(n % 3, "busy" + n).look("get");
    }
    assertThat(sum).isEqualTo(12 * 25);
  }

  @Test
  void declaredException_ofAnotherNode_arrivesAsItself() {
    trio.acts.on(
        "refuse",
        p -> {
          p.saved.set(100L);
          throw new Refused("not on " + p.self.home());
        });
    String key = trio.keyOn(1);
    Throwable e = catchThrowable(() -> probe(0, key).act("refuse"));
    assertThat(e).isExactlyInstanceOf(Refused.class).hasMessage("not on n1");
  }

  @Test
  void undeclaredException_ofAnotherNode_isAFailedProcessWithAnIncident() throws Exception {
    trio.acts.on(
        "bug",
        p -> {
          p.saved.set(100L);
          throw new IllegalStateException("secret");
        });
    String key = trio.keyOn(1);
    Throwable e = catchThrowable(() -> probe(0, key).act("bug"));
    assertThat(e).isInstanceOf(ProcessFailed.class).hasMessageContaining("Incident");
    TurnsTest.is(e, ErrorCode.PROCESS_FAILED, Executed.NO);
    assertThat(probe(2, key).look("get")).isZero();
  }

  @Test
  void readsThatWrites_onAnotherNode_isRefused() {
    String key = trio.keyOn(1);
    assertThat(catchThrowable(() -> probe(0, key).look("add"))).isInstanceOf(CellMisused.class);
  }

  @Test
  void key_usedThroughTwoNodes_runsOnce() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    trio.acts.on("dice", p -> ran.incrementAndGet());
    for (int n = 0; n < 3; n++) {
      assertThat(trio.node(n).ref(Probe.class, "keyed").withIdempotencyKey("k").get().act("dice"))
          .isEqualTo(1);
    }
  }

  @Test
  void cycle_throughTwoNodes_isRefusedAtOnceWithItsPath() {
    String a = trio.keyOn(0);
    String b = trio.keyOn(1);
    trio.acts.on("there", p -> p.other(b).act("back")).on("back", p -> p.other(a).act("add"));
    Throwable e = catchThrowable(() -> probe(2, a).act("there"));
    assertThat(e)
        .isInstanceOf(CallRefused.class)
        .hasMessageContaining("probe/" + a + " -> probe/" + b + " -> probe/" + a);
    TurnsTest.is(e, ErrorCode.CALL_CYCLE, Executed.NO);
  }

  @Test
  void remoteTurn_thatRunsBeyondTheDeadline_isUnknownInTime() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    trio.acts.on(
        "slow",
        p -> {
          TurnsTest.hold(begun, go);
          return p.saved.update(n -> n + 1);
        });
    String key = trio.keyOn(1);
    Throwable e =
        catchThrowable(() ->
            trio.node(0)
                .ref(Probe.class, key)
                .withDeadline(Duration.ofSeconds(1))
                .get()
                .act("slow"));
    assertThat(e).isInstanceOf(DeadlinePassed.class);
    TurnsTest.is(e, ErrorCode.DEADLINE_PASSED, Executed.UNKNOWN);
    go.countDown();
    assertThat(probe(0, key).look("get")).as("it ran to its end").isEqualTo(1);
  }

  @Test
  void largeStates_ofManyProcessesAtOnce_areAllSaved() throws Exception {
    trio.acts.on(
        "grow",
        p -> {
          p.text.set("x".repeat(700_000));
          return p.text.get().length();
        });
    List<Caller<Long>> callers =
        java.util.stream.IntStream.range(0, 12)
            .mapToObj(i -> Caller.start(() -> probe(i % 3, "large" + i).act("grow")))
            .toList();
    for (Caller<Long> caller : callers) {
      assertThat(caller.get()).isEqualTo(700_000);
    }
    assertThat(probe(0, "large0").act("add")).isEqualTo(1);
  }

  @Test
  void memory_ofProcessesOnADrainedNode_movesAlongAndComesHome() throws Exception {
    Door door = (Door) trio.node(0);
    List<String> keys =
        java.util.stream.IntStream.range(0, 30).mapToObj(i -> trio.keyOn(1)).toList();
    for (String key : keys) {
      probe(0, key).act("addMemory");
    }
    door.drain("n1");
    for (String key : keys) {
      // Called while its shard moves, and counts on: no hit is lost on the way.
      assertThat(probe(2, key).act("addMemory")).as(key).isEqualTo(2);
    }
    trio.awaitEmpty(1);
    for (String key : keys) {
      assertThat(probe(1, key).act("addMemory")).as(key).isEqualTo(3);
    }
    door.undrain("n1");
    trio.awaitHome(1);
    for (String key : keys) {
      assertThat(trio.home(0, key)).isEqualTo("n1");
      assertThat(probe(0, key).look("getMemory")).as(key).isEqualTo(3);
    }
  }

  @Test
  void order_isSeenAtOnce_byTheNodeThatItWasGivenTo() throws Exception {
    for (int round = 0; round < 10; round++) {
      for (int n = 0; n < 3; n++) {
        Door door = (Door) trio.node(n);
        door.drain("n2");
        assertThat(stateOf("n2", door)).isEqualTo("draining");
        door.undrain("n2");
        assertThat(stateOf("n2", door)).isEqualTo("member");
      }
    }
    trio.awaitHome(2);
  }

  private static String stateOf(String node, Door door) {
    return door.nodes().stream()
        .filter(n -> n.node().equals(node))
        .map(Door.NodeReport::state)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void report_ofAProcess_isTheSameFromEveryNode() throws Exception {
    probe(0, "seen").act("add");
    for (int n = 0; n < 3; n++) {
      Door door = (Door) trio.node(n);
      assertThat(door.inspect(new ProcessId("probe", "seen")).cells()).containsEntry("saved", "1");
      assertThat(door.where(new ProcessId("probe", "seen")).home()).isEqualTo(trio.home(n, "seen"));
    }
  }

  @Test
  void secondNode_onTheSameDirectory_isRefused() {
    Throwable e =
        catchThrowable(() -> trio.builder(0).clusterAddress(trio.addresses.get(3)).start());
    assertThat(e).isInstanceOf(StartFailed.class).hasMessageContaining("--data");
    assertThat(((StartFailed) e).code()).isEqualTo(ErrorCode.DATA_IN_USE);
  }

  @Test
  void secondNode_onTheSameAddress_isRefused(@TempDir Path other) {
    Throwable e = catchThrowable(() -> trio.builder(0).data(other).start());
    assertThat(e).isInstanceOf(StartFailed.class);
    assertThat(((StartFailed) e).code()).isEqualTo(ErrorCode.PORT_IN_USE);
  }

  @Test
  void node_ofAnotherClusterName_isRefusedWithBothNames(@TempDir Path other) {
    Throwable e =
        catchThrowable(() -> {
          try (Limpet stranger =
              trio.builder(0)
                  .cluster("quartet")
                  .data(other)
                  .clusterAddress(trio.addresses.get(3))
                  .seeds(trio.addresses.get(0), trio.addresses.get(3))
                  .start()) {
            assertThat(stranger.nodeId()).as("not to be reached").isEmpty();
          }
        });
    assertThat(e)
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("trio")
        .hasMessageContaining("quartet");
  }

  @Test
  void directory_ofAnotherNode_isRefused(@TempDir Path other) {
    Throwable e =
        catchThrowable(() ->
            trio.builder(0)
                .data(copyOfIdentity(other))
                .clusterAddress(trio.addresses.get(3))
                .start());
    assertThat(((StartFailed) e).code()).isEqualTo(ErrorCode.DATA_FOREIGN);
  }

  private static Path copyOfIdentity(Path to) throws java.io.IOException {
    try (var files = java.nio.file.Files.list(trio.data(1))) {
      for (Path file : files.filter(java.nio.file.Files::isRegularFile).toList()) {
        java.nio.file.Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
    return to;
  }

  @Test
  void process_thatFailsOnOneNode_isSeenFromAnother() throws Exception {
    String sick = trio.keyOn(1);
    trio.acts.on(
        "sicken",
        p -> {
          throw new IllegalStateException("broken");
        });
    for (int i = 0; i < 10; i++) {
      assertThat(catchThrowable(() -> probe(0, sick).act("sicken")))
          .isInstanceOf(ProcessFailed.class);
    }
    Door far = (Door) trio.node(0);
    Door.ProcessReport failing = far.inspect(new ProcessId("probe", sick));
    assertThat(failing.state()).isEqualTo("failing");
    assertThat(failing.failures())
        .satisfies(f -> {
          assertThat(Objects.requireNonNull(f).inARow()).isEqualTo(10);
          assertThat(f.cause()).contains("broken");
          assertThat(f.restarts()).isEqualTo(1);
        });
    assertThat(far.troubles())
        .extracting(Door.NodeTroubles::node)
        .containsExactly("n0", "n1", "n2");
    assertThat(far.troubles().get(1).processesFailing()).isEqualTo(1);
    assertThat(far.troubles().get(1).processes())
        .extracting(Door.ProcessReport::key)
        .containsExactly(sick);
    assertThat(far.troubles().get(2).processesFailing()).isZero();
    assertThat(probe(0, sick).act("add")).isEqualTo(1);
    assertThat(far.inspect(new ProcessId("probe", sick)).state()).isEqualTo("live");
    assertThat(far.troubles().get(1).processesFailing()).isZero();
  }
}
