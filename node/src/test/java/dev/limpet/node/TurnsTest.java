package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.InstanceOfAssertFactories.throwable;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.LimpetException;
import dev.limpet.engine.memory.MemoryStore.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One turn at a time: fair, bounded, within its deadline. */
@Timeout(90)
class TurnsTest {
  private static final Duration SHORT = Duration.ofSeconds(1);

  @Test
  void turns_of64ConcurrentCallers_runOneAtATimeAndLoseNothing() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "count",
          p -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            long before = p.saved.get();
            LockSupport.parkNanos(1_000);
            p.saved.set(before + 1);
            inside.decrementAndGet();
            return before + 1;
          });
      List<Caller<Long>> callers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        callers.add(
            Caller.start(() -> {
              long last = 0;
              for (int n = 0; n < 50; n++) {
                last = shore.probe("a").act("count");
              }
              return last;
            }));
      }
      for (Caller<Long> caller : callers) {
        caller.get();
      }
      assertThat(most).hasValue(1);
      assertThat(shore.probe("a").look("get")).isEqualTo(64 * 50);
    }
  }

  @Test
  void turns_thatWait_beginInTheOrderOfArrival() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<Integer> order = new CopyOnWriteArrayList<>();
    try (Shore shore = new Shore()) {
      shore.acts.on("hold", p -> hold(begun, go));
      Caller<Long> first = Caller.start(() -> shore.probe("a").act("hold"));
      begun.await();
      List<Caller<Long>> callers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        int number = i;
        shore.acts.on("note" + i, p -> order.add(number) ? 1 : 0);
        callers.add(Caller.start(() -> shore.probe("a").act("note" + number)).awaitParked());
        Caller.until(() -> shore.waiting("a") == number + 1);
      }
      go.countDown();
      first.get();
      for (Caller<Long> caller : callers) {
        caller.get();
      }
      assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }

  @Test
  void call_beyondTheBoundOfWaitingCalls_isRefusedAtOnceAndDidNotRun() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore(Hosting.Options.DEFAULT.withCallsWaitingMax(2))) {
      shore.acts.on("hold", p -> hold(begun, go));
      Caller<Long> first = Caller.start(() -> shore.probe("a").act("hold"));
      begun.await();
      Caller<Long> second = Caller.start(() -> shore.probe("a").act("add"));
      Caller<Long> third = Caller.start(() -> shore.probe("a").act("add"));
      Caller.until(() -> shore.waiting("a") == 2);

      Throwable refused = catchThrowable(() -> shore.probe("a").act("add"));

      assertThat(refused).isInstanceOf(CallRefused.class);
      is(refused, ErrorCode.OVERLOADED, Executed.NO);
      assertThat(shore.probe("b").act("add")).as("another process is not affected").isEqualTo(1);
      go.countDown();
      first.get();
      second.get();
      third.get();
      assertThat(shore.probe("a").look("get")).isEqualTo(2);
    }
  }

  @Test
  void call_whoseDeadlinePassesWhileItWaits_neverRuns() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("hold", p -> hold(begun, go));
      Caller<Long> first = Caller.start(() -> shore.probe("a").act("hold"));
      begun.await();

      Throwable late = catchThrowable(() -> shore.probe("a", SHORT).act("add"));

      assertThat(late).isInstanceOf(DeadlinePassed.class);
      is(late, ErrorCode.DEADLINE_PASSED, Executed.NO);
      go.countDown();
      first.get();
      assertThat(shore.probe("a").look("get")).isZero();
    }
  }

  @Test
  void call_whoseDeadlinePassesWhileItsChangesAreSaved_isUnknownAndWasSaved() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("nothing");
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);

      Throwable late = catchThrowable(() -> shore.probe("a", SHORT).act("add"));

      assertThat(late).isInstanceOf(DeadlinePassed.class);
      is(late, ErrorCode.DEADLINE_PASSED, Executed.UNKNOWN);
      hold.open();
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  @Test
  void call_whoseDeadlinePassesInsideTheTurn_runsToItsEndAndAnswers() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "long",
          p -> {
            long end = System.nanoTime() + 2 * SHORT.toNanos();
            Caller.until(() -> System.nanoTime() - end > 0);
            return 5;
          });
      shore.probe("a").act("nothing");
      assertThat(shore.probe("a", SHORT).act("long")).isEqualTo(5);
    }
  }

  @Test
  void waitingCall_whoseThreadIsInterrupted_didNotRun() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("hold", p -> hold(begun, go));
      Caller<Long> first = Caller.start(() -> shore.probe("a").act("hold"));
      begun.await();
      Caller<Throwable> second =
          Caller.start(() -> {
            Thread.currentThread().interrupt();
            Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
            assertThat(Thread.interrupted()).as("the interrupt is not swallowed").isTrue();
            return e;
          });
      is(second.get(), ErrorCode.DEADLINE_PASSED, Executed.NO);
      go.countDown();
      first.get();
      assertThat(shore.probe("a").look("get")).isZero();
    }
  }

  @Test
  void asyncCall_whoseCodeFailsWithAnError_completesItsFuture() {
    try (Shore shore = new Shore()) {
      var future =
          shore
              .ref(Probe.class, "a")
              .async(p -> {
                throw new AssertionError("from the caller's own code");
              });
      assertThat(future)
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableOfType(ExecutionException.class)
          .havingCause()
          .isInstanceOf(AssertionError.class);
    }
  }

  static long hold(CountDownLatch begun, CountDownLatch go) throws InterruptedException {
    begun.countDown();
    go.await();
    return 0;
  }

  static void is(Throwable e, ErrorCode code, Executed executed) {
    assertThat(e)
        .asInstanceOf(throwable(LimpetException.class))
        .satisfies(l -> {
          assertThat(l.code()).isEqualTo(code);
          assertThat(l.executed()).isEqualTo(executed);
        });
  }
}
