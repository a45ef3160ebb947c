package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.CallRefused;
import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.engine.Store;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exactly once, by idempotency key (rule 13). */
@Timeout(90)
class KeysTest {
  private static final Duration IDLE = Hosting.Options.DEFAULT.idleAfter();

  @Test
  void key_usedTwice_runsOnceAndAnswersTheSame() throws Exception {
    try (Shore shore = new Shore()) {
      assertThat(shore.keyed("a", "k").act("add")).isEqualTo(1);
      shore.probe("a").act("add");
      assertThat(shore.keyed("a", "k").act("add")).isEqualTo(1);
      assertThat(shore.probe("a").look("get")).isEqualTo(2);
    }
  }

  @Test
  void key_ofADeclaredException_answersTheSameOnce() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "refuse",
          p -> {
            throw new Refused("time " + ran.incrementAndGet());
          });
      assertThatThrownBy(() -> shore.keyed("a", "k").act("refuse"))
          .isInstanceOf(Refused.class)
          .hasMessage("time 1");
      shore.clock.advance(IDLE);
      assertThatThrownBy(() -> shore.keyed("a", "k").act("refuse"))
          .isInstanceOf(Refused.class)
          .hasMessage("time 1");
      assertThat(ran).hasValue(1);
    }
  }

  @Test
  void key_withOtherArguments_isRefused() throws Exception {
    try (Shore shore = new Shore()) {
      shore.keyed("a", "k").act("add");
      Throwable e = catchThrowable(() -> shore.keyed("a", "k").act("nothing"));
      assertThat(e).isInstanceOf(CallRefused.class);
      TurnsTest.is(e, ErrorCode.KEY_REUSED, Executed.NO);
    }
  }

  @Test
  void key_withAnotherMethod_isRefused() throws Exception {
    try (Shore shore = new Shore()) {
      shore.keyed("a", "k").act("add");
      Throwable e = catchThrowable(() -> shore.keyed("a", "k").repeat("add"));
      TurnsTest.is(e, ErrorCode.KEY_REUSED, Executed.NO);
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  @Test
  void key_ofAnotherProcess_isAnotherKey() throws Exception {
    try (Shore shore = new Shore()) {
      shore.keyed("a", "k").act("add");
      assertThat(shore.keyed("b", "k").act("add")).isEqualTo(1);
    }
  }

  @Test
  void key_whoseArgumentTheTurnChanged_isStillTheSameCall() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "wipe",
          p -> {
            Arrays.fill(p.bytes, (byte) 0);
            return p.saved.update(n -> n + 1);
          });
      byte[] secret = {1, 2, 3};
      assertThat(shore.keyed("a", "k").actOn("wipe", secret)).isEqualTo(1);
      assertThat(secret).as("by value").containsExactly(1, 2, 3);
      assertThat(shore.keyed("a", "k").actOn("wipe", secret)).isEqualTo(1);
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  @Test
  void key_survivesPassivation() throws Exception {
    try (Shore shore = new Shore()) {
      shore.keyed("a", "k").act("add");
      shore.clock.advance(IDLE);
      assertThat(shore.shards.liveCount()).isZero();
      assertThat(shore.keyed("a", "k").act("add")).isEqualTo(1);
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  @Test
  void key_survivesAFencedCommit_andTheCallIsTriedInside() throws Exception {
    try (Shore shore = new Shore()) {
      shore.keyed("a", "k").act("add");
      shore.store.claim(List.of(new Store.Claim(0, 1, 2, Shore.SELF))).join();
      assertThat(shore.keyed("a", "k2").act("add")).isEqualTo(2);
      assertThat(shore.keyed("a", "k2").act("add")).isEqualTo(2);
      assertThat(shore.keyed("a", "k").act("add")).isEqualTo(1);
    }
  }

  @Test
  void key_ofACallThatChangedNothing_isSavedAllTheSame() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (Shore shore = new Shore()) {
      shore.acts.on("dice", p -> ran.incrementAndGet());
      assertThat(shore.keyed("a", "k").act("dice")).isEqualTo(1);
      assertThat(shore.script.parts()).hasSize(1);
      shore.clock.advance(IDLE);
      assertThat(shore.keyed("a", "k").act("dice")).isEqualTo(1);
    }
  }

  @Test
  void key_ofABug_isNotKeptAndMayBeTriedAgain() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "fail",
          p -> {
            if (ran.incrementAndGet() == 1) {
              throw new IllegalStateException();
            }
            return p.saved.update(n -> n + 1);
          });
      Throwable e = catchThrowable(() -> shore.keyed("a", "k").act("fail"));
      TurnsTest.is(e, ErrorCode.PROCESS_FAILED, Executed.NO);
      assertThat(shore.keyed("a", "k").act("fail")).isEqualTo(1);
    }
  }

  @Test
  void key_ofACallWhoseStateWasTooLarge_isNotKept() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "grow",
          p -> {
            p.text.set("x".repeat(1 << 20));
            return 0;
          });
      Throwable e = catchThrowable(() -> shore.keyed("a", "k").act("grow"));
      TurnsTest.is(e, ErrorCode.STATE_TOO_LARGE, Executed.NO);
      shore.acts.on("grow", p -> 8);
      assertThat(shore.keyed("a", "k").act("grow")).isEqualTo(8);
    }
  }

  /** Each cell is small enough, all together are not. */
  @Test
  void key_ofACallWhoseCommitIsTooLarge_isNotKept() throws Exception {
    try (Shore shore = new Shore()) {
      List<Durable<String>> cells = new CopyOnWriteArrayList<>();
      shore.acts.construction =
          p -> {
            for (int i = 0; i < 6; i++) {
              cells.add(p.self.durable("large" + i, String.class, ""));
            }
            return 0;
          };
      shore.acts.on(
          "grow",
          p -> {
            cells.forEach(c -> c.set("x".repeat(1_000_000)));
            return 0;
          });
      Throwable e = catchThrowable(() -> shore.keyed("a", "k").act("grow"));
      TurnsTest.is(e, ErrorCode.STATE_TOO_LARGE, Executed.NO);
      shore.acts.on("grow", p -> 8);
      assertThat(shore.keyed("a", "k").act("grow")).isEqualTo(8);
    }
  }

  @Test
  void keys_whenTheTableIsFull_areRefusedAndNoneIsForgotten() throws Exception {
    try (Shore shore = new Shore(Hosting.Options.DEFAULT.withKeys(2, Duration.ofHours(1)))) {
      shore.keyed("a", "k1").act("add");
      shore.keyed("a", "k2").act("add");
      Throwable e = catchThrowable(() -> shore.keyed("a", "k3").act("add"));
      TurnsTest.is(e, ErrorCode.KEYS_FULL, Executed.NO);
      assertThat(shore.keyed("a", "k1").act("add")).isEqualTo(1);
      assertThat(shore.keyed("a", "k2").act("add")).isEqualTo(2);
      assertThat(shore.probe("a").act("add")).as("calls without a key go on").isEqualTo(3);
    }
  }

  @Test
  void keys_pastTheirTime_makeRoomAndLeaveTheStore() throws Exception {
    try (Shore shore = new Shore(Hosting.Options.DEFAULT.withKeys(2, Duration.ofMinutes(5)))) {
      shore.keyed("a", "k1").act("add");
      shore.clock.advance(Duration.ofMinutes(4));
      shore.keyed("a", "k2").act("add");
      shore.clock.advance(Duration.ofMinutes(1));
      assertThat(shore.keyed("a", "k3").act("add")).isEqualTo(3);
      assertThat(shore.store.load(0, new dev.limpet.ProcessId("probe", "a"), 0).join())
          .containsOnlyKeys("cell:saved", "key:k2", "key:k3");
      assertThat(shore.keyed("a", "k2").act("add")).isEqualTo(2);
      shore.clock.advance(Duration.ofMinutes(5));
      assertThat(shore.keyed("a", "k1").act("add")).as("forgotten: runs anew").isEqualTo(4);
    }
  }

  @Test
  void keyedCalls_ofManyAtOnce_runOnce() throws Exception {
    try (Shore shore = new Shore()) {
      List<Caller<Long>> callers =
          java.util.stream.IntStream.range(0, 16)
              .mapToObj(i -> Caller.start(() -> shore.keyed("a", "k").act("add")))
              .toList();
      for (Caller<Long> caller : callers) {
        assertThat(caller.get()).isEqualTo(1);
      }
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }
}
