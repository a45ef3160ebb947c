package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CallRefused;
import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.LimpetBuilder;
import dev.limpet.ProcessContext;
import dev.limpet.ProcessId;
import dev.limpet.StartFailed;
import dev.limpet.Sticky;
import dev.limpet.Unavailable;
import dev.limpet.node.door.Door;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.NodeSettings;
import dev.limpet.spi.Roles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A type that names a role, in a cluster of which some nodes hold it. */
@Timeout(240)
class RolesTest {
  /** A role is vacant for good after ten of them. */
  private static final NodeSettings.Timing SHORT_LEASES =
      new NodeSettings.Timing(Duration.ofMillis(200), Duration.ofMillis(1_500), 24);

  private static final Hosting.Options GPU = Hosting.Options.DEFAULT.withRole("gpu");

  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  private Trio trio;

  @Sticky("video")
  interface Video {
    long frames();

    /** Takes until the test lets it end. */
    long render();

    String home();
  }

  private final CountDownLatch rendering = new CountDownLatch(1);
  private final CountDownLatch rendered = new CountDownLatch(1);

  private final class VideoProcess implements Video {
    private final ProcessContext self;
    private final Durable<Long> frames;

    VideoProcess(ProcessContext self) {
      this.self = self;
      this.frames = self.durable("frames", Long.class, 0L);
    }

    @Override
    public long frames() {
      frames.set(frames.get() + 1);
      return frames.get();
    }

    @Override
    public long render() {
      rendering.countDown();
      try {
        rendered.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return frames();
    }

    @Override
    public String home() {
      return self.home();
    }
  }

  @AfterEach
  void close() {
    if (trio != null) {
      trio.close();
    }
  }

  private LimpetBuilder builder(int node, String... roles) {
    return trio.builder(node)
        .host(Video.class, VideoProcess::new, GPU)
        .roles(Stream.of(roles).filter(role -> !role.isEmpty()).toArray(String[]::new));
  }

  private void start(String... rolesByNode) throws Exception {
    trio = new Trio(directory);
    trio.start(node -> builder(node, rolesByNode[node]), 0, 1, 2);
  }

  private LimpetNode node(int node) {
    return (LimpetNode) trio.node(node);
  }

  private static ProcessId id(String key) {
    return new ProcessId("video", key);
  }

  private Video video(int through, String key) {
    return trio.node(through).get(Video.class, key);
  }

  private Door.NodeReport report(int node) {
    return node(0).nodes().stream()
        .filter(n -> n.node().equals("n" + node))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyNodeRoutes_andOnlyThoseWithTheRoleHost() throws Exception {
    start("gpu", "gpu", "");
    for (int i = 0; i < 30; i++) {
      String home = video(2, "k" + i).home();
      assertThat(home).isIn("n0", "n1");
      assertThat(video(i % 3, "k" + i).home()).isEqualTo(home);
      assertThat(node(2).where(id("k" + i)).home()).isEqualTo(home);
      assertThat(node(2).where(id("k" + i)).role()).isEqualTo("gpu");
    }
    assertThat(trio.keyOn(2)).as("it hosts what names no role").isNotEmpty();
    assertThat(report(0).roles()).containsExactly("gpu");
    assertThat(report(2).roles()).isEmpty();
    Door.RoleReport role = node(2).cluster().roles().getFirst();
    assertThat(role)
        .isEqualTo(new Door.RoleReport("gpu", List.of("video"), List.of("n0", "n1"), 6));
  }

  @Test
  void move_toANodeWithoutTheRole_isRefused() throws Exception {
    start("gpu", "gpu", "");
    long frames = video(2, "a").frames();
    assertThatThrownBy(() -> node(0).move(id("a"), "n2"))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NODE_UNFIT))
        .hasMessageContaining("role gpu");
    for (int n : new int[] {1, 0}) {
      assertThat(node(2).move(id("a"), "n" + n).done()).isTrue();
      assertThat(video(2, "a").home()).isEqualTo("n" + n);
    }
    assertThat(node(2).unpin(id("a")).done()).isTrue();
    assertThat(video(2, "a").frames()).isEqualTo(frames + 1);
  }

  @Test
  void onlyNodeWithTheRole_restarts_itsCallsWait_andItsStateIsThere() throws Exception {
    start("gpu", "", "");
    assertThat(video(1, "a").frames()).isEqualTo(1);
    trio.stop(0);
    Door.RoleReport role = node(1).cluster().roles().getFirst();
    assertThat(role.nodes()).isEmpty();
    assertThat(node(1).where(id("a")).state()).isEqualTo("homeless");
    assertThatThrownBy(() ->
            trio.node(1).ref(Video.class, "a").withDeadline(Duration.ofMillis(300)).get().frames())
        .isInstanceOfSatisfying(
            Unavailable.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.NO_ROLE);
              assertThat(e.executed()).isEqualTo(Executed.NO);
            })
        .hasMessageContaining("start one with --roles gpu");
    Caller<Long> waiting =
        Caller.start(() ->
            trio.node(2).ref(Video.class, "a").withDeadline(Duration.ofSeconds(40)).get().frames());
    waiting.awaitParked();
    trio.start(node -> builder(node, "gpu"), 0);
    assertThat(waiting.get()).isEqualTo(2);
    assertThat(video(1, "a").home()).isEqualTo("n0");
  }

  @Test
  void onlyNodeWithTheRole_restartsUnderLoad_andFailsNoCall() throws Exception {
    start("gpu", "", "");
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong done = new AtomicLong();
    List<Caller<Long>> load = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      Video video =
          trio.node(1 + n % 2)
              .ref(Video.class, "a" + n / 2)
              .withDeadline(Duration.ofSeconds(60))
              .get();
      load.add(
          Caller.start(() -> {
            long mine = 0;
            while (!stop.get()) {
              video.frames();
              mine++;
              done.incrementAndGet();
            }
            return mine;
          }));
    }
    for (int round = 0; round < 3; round++) {
      long before = done.get();
      Caller.until(() -> done.get() > before + 50);
      trio.stop(0);
      trio.start(node -> builder(node, "gpu"), 0);
    }
    stop.set(true);
    long sum = 0;
    for (Caller<Long> each : load) {
      sum += each.get();
    }
    assertThat(video(1, "a0").frames() + video(2, "a1").frames()).isEqualTo(sum + 2);
  }

  @Test
  void turnThatRunsForSecondsWhileTheOnlyNodeWithTheRoleStops_isAnswered() throws Exception {
    start("gpu", "", "");
    Video far = trio.node(1).ref(Video.class, "a").withDeadline(Duration.ofSeconds(60)).get();
    Caller<Long> call = Caller.start(far::render);
    rendering.await();
    Caller<Boolean> stop =
        Caller.start(() -> {
          trio.stop(0);
          return true;
        });
    // Longer than a node waits for calls that might still come.
    long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
    Caller.until(() -> System.nanoTime() - until > 0);
    rendered.countDown();
    assertThat(call.get()).isEqualTo(1);
    assertThat(stop.get()).isTrue();
  }

  @Test
  void roleThatNobodyHas_isRefusedAtOnce_onceItIsNoRestart_andOtherTypesAreServed()
      throws Exception {
    trio = new Trio(directory);
    trio.start(node -> builder(node).timing(SHORT_LEASES), 0, 1, 2);
    Caller.until(() -> {
      long began = System.nanoTime();
      assertThatThrownBy(() -> video(0, "a").frames())
          .isInstanceOfSatisfying(
              Unavailable.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_ROLE));
      return System.nanoTime() - began < Duration.ofSeconds(1).toNanos();
    });
    assertThat(trio.keyOn(1)).isNotEmpty();
  }

  @Test
  void restartsWithOtherRoles_moveTheShardsAccordingly() throws Exception {
    start("gpu", "", "");
    assertThat(video(2, "a").frames()).isEqualTo(1);
    trio.stop(1);
    trio.start(node -> builder(node, "gpu"), 1);
    trio.stop(0);
    trio.start(node -> builder(node, ""), 0);
    for (int i = 0; i < 10; i++) {
      assertThat(video(i % 3, "k" + i).home()).isEqualTo("n1");
    }
    assertThat(video(2, "a").frames()).isEqualTo(2);
  }

  @Test
  void drainOfTheOnlyNodeWithTheRole_movesTheRest_andItGoesOnServing() throws Exception {
    start("gpu", "", "");
    assertThat(video(1, "a").frames()).isEqualTo(1);
    node(1).drain("n0");
    Caller.until(() -> report(0).shards() == 6);
    assertThat(report(0).state()).isEqualTo("draining");
    assertThat(video(1, "a").frames()).isEqualTo(2);
    assertThat(video(1, "a").home()).isEqualTo("n0");
  }

  @Test
  void rolesThatNoTypeNames_andRolesOfUnknownTypes_areRefused() {
    trio = new Trio(directory);
    assertThatThrownBy(() -> builder(0, "gpu", "vidoe").start())
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("vidoe")
        .hasMessageContaining("named are gpu");
    assertThatThrownBy(() -> builder(0, "GPU").start()).isInstanceOf(StartFailed.class);
    assertThatThrownBy(() -> GPU.withRole("no role")).isInstanceOf(StartFailed.class);
    assertThatThrownBy(() -> builder(0, "gpu").typeRoles(Map.of("vidoe", "gpu")).start())
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("vidoe");
  }

  @Test
  void roleGivenByTheNodesSettings_goesBeforeTheTypes() {
    Types types =
        new Types(
            List.of(new Hosted<>(Video.class, VideoProcess::new, GPU)),
            new Roles(Set.of("tape"), Map.of("video", "tape")));
    assertThat(types.roleOf("video")).isEqualTo("tape");
    assertThat(types.signature()).startsWith("video (role tape)\n");
  }

  @Test
  void nodeInMemory_holdsEveryRole() {
    try (Limpet local = Limpet.local().host(Video.class, VideoProcess::new, GPU).start()) {
      assertThat(local.get(Video.class, "a").frames()).isEqualTo(1);
    }
  }
}
