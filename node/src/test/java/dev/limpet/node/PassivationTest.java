package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.ProcessId;
import dev.limpet.VirtualClock;
import dev.limpet.engine.memory.MemoryStore.Operation;
import dev.limpet.node.door.Door;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Unused processes end and come back with what they saved. */
@Timeout(90)
class PassivationTest {
  private static final Duration IDLE = Hosting.Options.DEFAULT.idleAfter();

  @Test
  void process_idleForLongEnough_endsAndComesBackWithItsStateAndWithoutItsMemory()
      throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.probe("a").act("addMemory");
      shore.clock.advance(IDLE);
      assertThat(shore.shards.liveCount()).isZero();
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
      assertThat(shore.probe("a").look("getMemory")).isZero();
      assertThat(shore.acts.constructions).hasValue(2);
    }
  }

  @Test
  void process_idleForLess_stays() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("addMemory");
      shore.clock.advance(IDLE.minusMillis(1));
      shore.probe("a").look("get");
      shore.clock.advance(IDLE.minusMillis(1));
      assertThat(shore.probe("a").look("getMemory")).isEqualTo(1);
      assertThat(shore.acts.constructions).hasValue(1);
    }
  }

  @Test
  void process_whoseTurnRuns_stays() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("hold", p -> TurnsTest.hold(begun, go));
      shore.probe("a").act("addMemory");
      Caller<Long> holder = Caller.start(() -> shore.probe("a").act("hold"));
      begun.await();
      Caller<Long> waiting = Caller.start(() -> shore.probe("a").look("getMemory"));
      Caller.until(() -> shore.waiting("a") == 1);
      shore.clock.advance(IDLE);
      assertThat(shore.shards.liveCount()).isEqualTo(1);
      go.countDown();
      holder.get();
      assertThat(waiting.get()).isEqualTo(1);
    }
  }

  @Test
  void process_whoseOwnTurnAdvancesTheClock_stays() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "advance",
          p -> {
            shore.clock.advance(IDLE);
            return p.memory.update(n -> n + 1);
          });
      assertThat(shore.probe("a").act("advance")).isEqualTo(1);
      assertThat(shore.probe("a").look("getMemory")).isEqualTo(1);
    }
  }

  @Test
  void process_whoseCommitIsUnderWay_stays() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      shore.clock.advance(IDLE);
      assertThat(shore.shards.liveCount()).isEqualTo(1);
      hold.open();
      assertThat(write.get()).isEqualTo(1);
      shore.clock.advance(IDLE);
      assertThat(shore.shards.liveCount()).isZero();
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  @Test
  void processes_100000_areActivatedEndedAndCalledAgainWithTheirStateAndTheirMemoryBack()
      throws Exception {
    int count = 100_000;
    Acts acts = new Acts();
    acts.on(
        "set",
        p -> {
          p.saved.set(Long.parseLong(p.self.key()));
          return 0;
        });
    VirtualClock clock = new VirtualClock();
    try (Limpet limpet =
        Limpet.local().clock(clock).host(Probe.class, s -> new ProbeProcess(s, acts)).start()) {
      Door door = (Door) limpet;
      forAll(count, i -> far(limpet, i).act("set"));
      assertThat(door.processes("probe", count + 1)).hasSize(count);
      long full = used();
      clock.advance(IDLE);
      assertThat(door.processes("probe", count + 1)).isEmpty();
      long empty = used();
      System.Logger log = System.getLogger("test");
      log.log(System.Logger.Level.INFO, "{0} bytes a process", (full - empty) / count);
      assertThat((full - empty) / count).as("bytes given back a process").isBetween(200L, 5_000L);
      forAll(count, i -> assertThat(far(limpet, i).look("get")).isEqualTo(i));
      assertThat(acts.constructions).hasValue(2 * count);
      assertThat(door.inspect(new ProcessId("probe", "7")).cells()).containsEntry("saved", "7");
    }
  }

  /** A probe that may be called on a slow machine. */
  private static Probe far(Limpet limpet, int key) {
    return limpet.ref(Probe.class, String.valueOf(key)).withDeadline(Duration.ofSeconds(80)).get();
  }

  private interface Step {
    void at(int i) throws Exception;
  }

  /** Each once, 64 at a time. */
  private static void forAll(int count, Step step) throws Exception {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 64; t++) {
        all.add(
            threads.submit(() -> {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                step.at(i);
              }
              return null;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
