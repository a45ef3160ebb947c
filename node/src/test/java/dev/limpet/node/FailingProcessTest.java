package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.ProcessId;
import dev.limpet.StartFailed;
import dev.limpet.Unavailable;
import dev.limpet.engine.memory.MemoryStore.Operation;
import dev.limpet.node.home.LiveReport;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes whose constructors or turns fail: held back, made anew, shown, never in a hot loop. */
@Timeout(90)
class FailingProcessTest {
  private static final Duration IDLE = Hosting.Options.DEFAULT.idleAfter();
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Shore shore = new Shore();
  private final LogLines log = new LogLines("limpet.process.probe");

  @AfterEach
  void close() {
    log.close();
    shore.close();
  }

  private void constructorThrows() {
    shore.acts.construction =
        p -> {
          throw new IllegalStateException("no mailer");
        };
  }

  private void constructorWorks() {
    shore.acts.construction = p -> 0;
  }

  private LiveReport report(String key) {
    return Objects.requireNonNull(shore.shards.find(0, new ProcessId("probe", key)));
  }

  private void turnsThrow(String key, int count) {
    shore.acts.on(
        "fail",
        p -> {
          throw new IllegalStateException("broken");
        });
    for (int i = 0; i < count; i++) {
      TurnsTest.is(
          catchThrowable(() -> shore.probe(key).act("fail")),
          ErrorCode.PROCESS_FAILED,
          Executed.NO);
    }
  }

  // Activations.

  @Test
  void constructor_thatThrew_isNotTriedAgainUntilThePauseIsOver() {
    constructorThrows();
    TurnsTest.is(
        catchThrowable(() -> shore.probe("a").act("add")),
        ErrorCode.ACTIVATION_FAILED,
        Executed.NO);
    for (int i = 0; i < 1_000; i++) {
      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
      assertThat(e)
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("no mailer")
          .hasMessageContaining("1 in a row, since 0.0 s")
          .hasMessageContaining("next attempt is due in 0.1 s");
      TurnsTest.is(e, ErrorCode.HELD_BACK, Executed.NO);
    }
    assertThat(shore.acts.constructions).hasValue(1);
    assertThat(shore.script.seen(Operation.Loading.class)).as("loads").hasSize(1);
  }

  @Test
  void constructor_thatGoesOnThrowing_isTriedOnceAPauseThatDoubles() {
    constructorThrows();
    List<Long> pauses = new ArrayList<>();
    for (int attempt = 1; attempt <= 11; attempt++) {
      TurnsTest.is(
          catchThrowable(() -> shore.probe("a").act("add")),
          ErrorCode.ACTIVATION_FAILED,
          Executed.NO);
      long pause = Objects.requireNonNull(nextAttempt("a"));
      pauses.add(pause);
      shore.clock.advance(Duration.ofMillis(pause - 1));
      TurnsTest.is(
          catchThrowable(() -> shore.probe("a").act("add")), ErrorCode.HELD_BACK, Executed.NO);
      shore.clock.advance(Duration.ofMillis(1));
    }
    assertThat(pauses)
        .containsExactly(
            100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 25_600L, 30_000L, 30_000L);
    assertThat(shore.acts.constructions).hasValue(11);
  }

  private Long nextAttempt(String key) {
    return Objects.requireNonNull(report(key).failures()).nextAttemptMillis();
  }

  @Test
  void calls_thatWaitForAnAttemptThatFails_areRefusedWithoutAnotherOne() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.acts.construction =
        p -> {
          TurnsTest.hold(begun, go);
          throw new IllegalStateException("no mailer");
        };
    List<Caller<Throwable>> callers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      callers.add(Caller.start(() -> catchThrowable(() -> shore.probe("a").act("add"))));
    }
    begun.await();
    Caller.until(() -> shore.waiting("a") == 19);
    go.countDown();
    int held = 0;
    for (Caller<Throwable> caller : callers) {
      held += caller.get() instanceof Unavailable u && u.code() == ErrorCode.HELD_BACK ? 1 : 0;
    }
    assertThat(held).isEqualTo(19);
    assertThat(shore.acts.constructions).hasValue(1);
  }

  @Test
  void constructor_thatWorksAgain_isForgivenAndShownSo() throws Exception {
    constructorThrows();
    assertThatThrownBy(() -> shore.probe("a").act("add")).isNotNull();
    LiveReport failing = report("a");
    assertThat(failing.state()).isEqualTo("failing");
    assertThat(failing.lastFailure()).contains("no mailer");
    assertThat(shore.shards.supervision().failingCount()).isEqualTo(1);
    assertThat(shore.shards.processes(null, "failing", 10))
        .extracting(r -> r.id().key())
        .containsExactly("a");

    constructorWorks();
    shore.clock.advance(PAUSE);
    assertThat(shore.probe("a").act("add")).isEqualTo(1);

    assertThat(report("a").state()).isEqualTo("live");
    assertThat(report("a").failures()).isNull();
    assertThat(shore.shards.supervision().failingCount()).isZero();
    assertThat(shore.shards.processes(null, "failing", 10)).isEmpty();
    assertThat(shore.shards.supervision().activationsFailed()).isEqualTo(1);
  }

  @Test
  void constructor_thatCouldNotReachOthers_isPausedWithoutGrowth() {
    shore.acts.construction =
        p -> {
          throw new Unavailable(ErrorCode.NO_HOME, Executed.NO, "the other node is away");
        };
    for (int i = 0; i < 5; i++) {
      TurnsTest.is(
          catchThrowable(() -> shore.probe("a").act("add")),
          ErrorCode.ACTIVATION_FAILED,
          Executed.NO);
      assertThat(nextAttempt("a")).isEqualTo(100);
      shore.clock.advance(PAUSE);
    }
  }

  @Test
  void load_thatTheStoreRefused_isNotHeldAgainstTheProcess() throws Exception {
    shore.script.lose(Operation.Loading.class, 3);
    for (int i = 0; i < 3; i++) {
      TurnsTest.is(
          catchThrowable(() -> shore.probe("a").act("add")),
          ErrorCode.STORE_UNAVAILABLE,
          Executed.NO);
    }
    assertThat(shore.script.seen(Operation.Loading.class)).as("one for each call").hasSize(3);
    assertThat(shore.shards.supervision().failingCount()).isZero();
    assertThat(shore.probe("a").act("add")).isEqualTo(1);
  }

  @Test
  void failures_ofAProcessThatNobodyCallsAnyMore_areForgotten() {
    constructorThrows();
    assertThatThrownBy(() -> shore.probe("a").act("add")).isNotNull();
    shore.clock.advance(Duration.ofMinutes(9));
    shore.shards.supervise(0);
    assertThat(shore.shards.supervision().failingCount()).isEqualTo(1);
    shore.clock.advance(Duration.ofMinutes(1));
    shore.shards.supervise(0);
    assertThat(shore.shards.supervision().failingCount()).isZero();
    assertThat(shore.shards.find(0, new ProcessId("probe", "a"))).as("passivated too").isNull();
  }

  @Test
  void failures_ofAProcessWhoseShardHasGone_areForgotten() {
    constructorThrows();
    assertThatThrownBy(() -> shore.probe("a").act("add")).isNotNull();
    shore.place(Shore.OTHER, 2);
    shore.shards.supervise(0);
    assertThat(shore.shards.supervision().failingCount()).isZero();
  }

  // State that cannot be loaded.

  record Circle(long radius) {}

  enum Shape {
    ROUND
  }

  private <T> AtomicReference<Durable<T>> shape(Class<T> type, T initial) {
    AtomicReference<Durable<T>> cell = new AtomicReference<>();
    shore.acts.construction =
        p -> {
          cell.set(p.self.durable("shape", type, initial));
          return 0;
        };
    return cell;
  }

  @Test
  void state_ofAnotherType_isRefusedKeptAndLoadedByTheFixedBuild() throws Exception {
    AtomicReference<Durable<Circle>> circle = shape(Circle.class, new Circle(0));
    shore.acts.on(
        "grow",
        p -> {
          circle.get().set(new Circle(7));
          return 7;
        });
    shore.acts.on("radius", p -> circle.get().get().radius());
    assertThat(shore.probe("a").act("grow")).isEqualTo(7);
    assertThat(shore.probe("a").act("add")).isEqualTo(1);
    shore.clock.advance(IDLE);
    int parts = shore.script.parts().size();
    List<Operation.Loading> loads = shore.script.seen(Operation.Loading.class);

    // A build whose cell has another type, twice; a call each, and calls in the pauses.
    shape(Shape.class, Shape.ROUND);
    for (int i = 0; i < 5; i++) {
      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
      TurnsTest.is(e, ErrorCode.ACTIVATION_FAILED, Executed.NO);
      assertThat(e).hasMessageContaining("saved state is untouched");
      TurnsTest.is(
          catchThrowable(() -> shore.keyed("a", "k1").act("add")),
          ErrorCode.HELD_BACK,
          Executed.NO);
      shore.clock.advance(Duration.ofSeconds(30));
    }
    assertThat(shore.script.parts()).as("nothing was written").hasSize(parts);
    assertThat(shore.script.seen(Operation.Loading.class)).hasSize(loads.size() + 5);

    // The fixed build.
    AtomicReference<Durable<Circle>> again = shape(Circle.class, new Circle(0));
    shore.acts.on("radius", p -> again.get().get().radius());
    assertThat(shore.probe("a").look("radius")).isEqualTo(7);
    assertThat(shore.probe("a").look("get")).isEqualTo(1);
    assertThat(report("a").state()).isEqualTo("live");
  }

  // Turns.

  @Test
  void turns_thatThrowNineTimes_leaveTheProcessWithItsMemory() throws Exception {
    shore.probe("a").act("addMemory");
    turnsThrow("a", 9);
    assertThat(report("a").state()).isEqualTo("live");
    assertThat(shore.probe("a").look("getMemory")).isEqualTo(1);
    turnsThrow("a", 9);
    assertThat(shore.acts.constructions).as("a turn that ended well began a new row").hasValue(1);
  }

  @Test
  void turns_thatThrowTenTimesInARow_makeTheProcessAnewFromWhatItSaved() throws Exception {
    shore.probe("a").act("add");
    shore.probe("a").act("addMemory");
    Probe near = shore.probe("a");
    near.act("nothing");
    turnsThrow("a", 10);
    assertThat(report("a").state()).isEqualTo("failing");
    assertThat(report("a").lastFailure()).contains("broken");
    assertThat(shore.shards.liveCount()).as("until the next call").isZero();

    assertThat(near.look("get")).isEqualTo(1);

    assertThat(near.look("getMemory")).isZero();
    assertThat(shore.acts.constructions).hasValue(2);
    assertThat(report("a").state()).isEqualTo("live");
    assertThat(shore.shards.supervision().restarts()).isEqualTo(1);
    assertThat(log.texts())
        .filteredOn(t -> t.contains("made anew"))
        .singleElement()
        .asString()
        .contains("probe/a")
        .contains("broken");
  }

  @Test
  void turns_thatGoOnThrowingAfterARestart_areAnsweredAndRestartedRarely() {
    turnsThrow("a", 500);
    assertThat(shore.acts.constructions).as("no time has passed").hasValue(2);
    assertThat(report("a").failures())
        .satisfies(f -> {
          assertThat(Objects.requireNonNull(f).inARow()).isEqualTo(500);
          assertThat(f.restarts()).isEqualTo(1);
        });
    shore.clock.advance(PAUSE);
    turnsThrow("a", 500);
    assertThat(shore.acts.constructions).hasValue(3);
    assertThat(report("a").state()).isEqualTo("failing");
  }

  @Test
  void plainFields_thatWereCorrupted_areCuredByTheRestart() throws Exception {
    shore.acts.on(
        "corrupt",
        p -> {
          p.bytes = new byte[] {1};
          return 0;
        });
    shore.acts.on(
        "check",
        p -> {
          if (p.bytes.length > 0) {
            throw new IllegalStateException("corrupted");
          }
          return p.saved.update(n -> n + 1);
        });
    shore.probe("a").act("corrupt");
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> shore.probe("a").act("check")).isNotNull();
    }
    assertThat(shore.probe("a").act("check")).isEqualTo(1);
  }

  @Test
  void turns_thatThrowWhileACommitIsUnderWay_restartOnlyOnceItIsSaved() throws Exception {
    shore.probe("a").act("nothing");
    StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
    Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
    hold.awaitReached();
    AtomicInteger thrown = new AtomicInteger();
    shore.acts.on(
        "fail",
        p -> {
          thrown.incrementAndGet();
          throw new IllegalStateException("broken");
        });
    List<Caller<Throwable>> fails = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      // Answered only when the commit is: reads and refusals wait for it too.
      fails.add(Caller.start(() -> catchThrowable(() -> shore.probe("a").act("fail"))));
    }
    Caller.until(() -> thrown.get() == 12);
    assertThat(shore.acts.constructions).hasValue(1);
    hold.open();
    assertThat(write.get()).isEqualTo(1);
    for (Caller<Throwable> each : fails) {
      TurnsTest.is(each.get(), ErrorCode.PROCESS_FAILED, Executed.NO);
    }
    turnsThrow("a", 1);
    assertThat(shore.probe("a").look("get")).isEqualTo(1);
    assertThat(shore.acts.constructions).hasValue(2);
  }

  @Test
  void turns_thatThrow_restartNothingWhereTheTypeSaysSo() throws Exception {
    try (Shore stubborn = new Shore(Hosting.Options.DEFAULT.withRestartsWhenFailing(false))) {
      stubborn.probe("a").act("addMemory");
      stubborn.acts.on(
          "fail",
          p -> {
            throw new IllegalStateException("broken");
          });
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> stubborn.probe("a").act("fail")).isNotNull();
      }
      assertThat(stubborn.shards.supervision().failingCount()).isEqualTo(1);
      assertThat(stubborn.probe("a").look("getMemory")).isEqualTo(1);
      assertThat(stubborn.shards.supervision().failingCount()).isZero();
    }
  }

  @Test
  void turns_thatThrowWhatTheyDeclareOrWhatOthersDid_areNoReasonToRestart() throws Exception {
    shore.acts.on(
        "refuse",
        p -> {
          throw new Refused("not covered");
        });
    shore.acts.on(
        "fail",
        p -> {
          throw new IllegalStateException("broken");
        });
    shore.acts.on("ask", p -> p.other("b").act("fail"));
    shore.probe("a").act("addMemory");
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> shore.probe("a").act("refuse")).isInstanceOf(Refused.class);
      assertThatThrownBy(() -> shore.probe("a").act("ask")).isNotNull();
    }
    assertThat(shore.probe("a").look("getMemory")).isEqualTo(1);
    assertThat(report("a").failures()).isNull();
    assertThat(report("b").state()).isEqualTo("failing");
  }

  // The log.

  @Test
  void incidents_ofOneFault_areLoggedWithAStackOnceInAWhileAndCounted() {
    turnsThrow("a", 9);
    assertThat(log.stacks()).isEqualTo(1);
    assertThat(shore.shards.supervision().incidents()).isEqualTo(9);
    String number = log.texts().getFirst().replaceAll("incident (\\S+):.*", "$1");
    assertThat(catchThrowable(() -> shore.probe("a").act("fail"))).hasMessageContaining(number);
    shore.clock.advance(Duration.ofSeconds(10));
    turnsThrow("a", 1);
    assertThat(log.stacks()).isEqualTo(2);
    assertThat(log.texts()).anyMatch(t -> t.contains("9 more like it were not logged"));
  }

  @Test
  void cause_thatHasNoTextOrTooMuch_isToldAllTheSame() {
    shore.acts.on(
        "long",
        p -> {
          throw new IllegalStateException("x\n".repeat(1_000_000));
        });
    shore.acts.on(
        "mute",
        p -> {
          throw new IllegalStateException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
              throw new IllegalArgumentException("no text");
            }
          };
        });
    assertThatThrownBy(() -> shore.probe("a").act("long")).isNotNull();
    assertThat(report("a").lastFailure()).hasSizeLessThan(600).doesNotContain("\n");
    assertThatThrownBy(() -> shore.probe("a").act("mute")).isNotNull();
    assertThat(report("a").lastFailure()).contains("has no text");
  }

  // Metrics and settings.

  @Test
  void meters_ofANodeWhereProcessesFail_countThem() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    NodeMeters.supervision(registry, shore.shards);
    turnsThrow("a", 10);
    constructorThrows();
    assertThatThrownBy(() -> shore.probe("b").act("add")).isNotNull();
    assertThat(registry.get("limpet.processes.failing").gauge().value()).isEqualTo(2);
    assertThat(registry.get("limpet.turns.stuck").gauge().value()).isZero();
    assertThat(registry.get("limpet.activations.failed").functionCounter().count()).isEqualTo(1);
    assertThat(registry.get("limpet.processes.restarted").functionCounter().count()).isEqualTo(1);
    assertThat(registry.get("limpet.incidents").functionCounter().count()).isEqualTo(11);
  }

  @Test
  void bound_ofStuckTurnsThatIsNotLongerThanZero_isRefused() {
    assertThatThrownBy(() -> Hosting.Options.DEFAULT.withTurnsReportedAfter(Duration.ZERO))
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("turnsReportedAfter");
  }
}
