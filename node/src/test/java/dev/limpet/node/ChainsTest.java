package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls out of turns: cycles are refused at once, deadlines travel. */
@Timeout(90)
class ChainsTest {
  /** Long enough for a slow machine, short enough for a call that waits for itself. */
  private static final Duration AT_ONCE = Duration.ofSeconds(3);

  @Test
  void call_thatComesBackThroughAnother_isRefusedAtOnceWithItsPath() throws Exception {
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on(
              "there",
              p -> {
                p.saved.set(7L);
                return p.other("b").act("back");
              })
          .on("back", p -> p.other("a").act("add"));
      Throwable e = catchThrowable(() -> shore.probe("a", AT_ONCE).act("there"));
      assertThat(e)
          .isInstanceOf(CallRefused.class)
          .hasMessageContaining("probe/a -> probe/b -> probe/a");
      TurnsTest.is(e, ErrorCode.CALL_CYCLE, Executed.NO);
      assertThat(shore.probe("a").look("get")).as("nothing changed").isZero();
    }
  }

  @Test
  void call_ofAProcessToItself_isRefusedAtOnce() {
    try (Shore shore = new Shore()) {
      shore.acts.on("self", p -> p.other("a").act("add"));
      Throwable e = catchThrowable(() -> shore.probe("a").act("self"));
      assertThat(e).hasMessageContaining("probe/a -> probe/a");
      TurnsTest.is(e, ErrorCode.CALL_CYCLE, Executed.NO);
    }
  }

  @Test
  void call_thatCatchesTheRefusalOfACycle_goesOn() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "self",
          p -> {
            assertThat(catchThrowable(() -> p.other("a").act("add")))
                .isInstanceOf(CallRefused.class);
            return p.saved.update(n -> n + 1);
          });
      assertThat(shore.probe("a").act("self")).isEqualTo(1);
    }
  }

  @Test
  void asyncCall_outOfATurn_carriesTheChain() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "async",
          p -> {
            CompletableFuture<Long> call =
                p.self.limpet().ref(Probe.class, "a").async(a -> a.act("add"));
            Throwable e = catchThrowable(call::join);
            assertThat(e).hasCauseInstanceOf(CallRefused.class);
            assertThat(e).hasMessageContaining("probe/a -> probe/a");
            return 3;
          });
      assertThat(shore.probe("a").act("async")).isEqualTo(3);
    }
  }

  @Test
  void calls_toOneProcessTwiceInARow_areNoCycle() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on("twice", p -> p.other("b").act("add") + p.other("b").act("add"));
      assertThat(shore.probe("a").act("twice")).isEqualTo(3);
    }
  }

  @Test
  void chain_ofMoreThan64Calls_isRefused() {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "down", p -> p.other(String.valueOf(Integer.parseInt(p.self.key()) + 1)).act("down"));
      Throwable e = catchThrowable(() -> shore.probe("0").act("down"));
      TurnsTest.is(e, ErrorCode.CALL_CYCLE, Executed.NO);
      assertThat(e).hasMessageContaining("64");
    }
  }

  @Test
  void deadline_travelsIntoNestedCalls() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicReference<Throwable> nested = new AtomicReference<>();
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on("hold", p -> TurnsTest.hold(begun, go))
          .on(
              "ask",
              p -> {
                nested.set(catchThrowable(() -> p.other("b").act("add")));
                throw new Refused("in vain");
              });
      shore.probe("a").act("nothing");
      Caller<Long> holder = Caller.start(() -> shore.probe("b").act("hold"));
      begun.await();
      long before = System.nanoTime();
      Throwable e = catchThrowable(() -> shore.probe("a", Duration.ofSeconds(1)).act("ask"));
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .as("far less than the 20 s of the nested call's own")
          .isLessThan(Duration.ofSeconds(10));
      assertThat(e).isInstanceOf(Refused.class);
      assertThat(nested.get()).isInstanceOf(DeadlinePassed.class);
      go.countDown();
      holder.get();
    }
  }

  @Test
  void nestedCall_thatFailsForWantOfTime_leavesTheOuterUnknown() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("hold", p -> TurnsTest.hold(begun, go)).on("ask", p -> p.other("b").act("add"));
      shore.probe("a").act("nothing");
      Caller<Long> holder = Caller.start(() -> shore.probe("b").act("hold"));
      begun.await();
      Throwable e = catchThrowable(() -> shore.probe("a", Duration.ofSeconds(1)).act("ask"));
      TurnsTest.is(e, ErrorCode.DEADLINE_PASSED, Executed.UNKNOWN);
      assertThat(e).hasMessageContaining("probe/a.act");
      go.countDown();
      holder.get();
    }
  }

  @Test
  void declaredException_ofANestedCall_arrivesAsItself() {
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on(
              "refuse",
              p -> {
                throw new Refused("by b");
              })
          .on("ask", p -> p.other("b").act("refuse"));
      Throwable e = catchThrowable(() -> shore.probe("a").act("ask"));
      assertThat(e).isInstanceOf(Refused.class).hasMessage("by b");
    }
  }
}
