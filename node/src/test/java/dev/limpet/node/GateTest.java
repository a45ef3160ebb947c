package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.OutcomeUnknown;
import dev.limpet.Unavailable;
import dev.limpet.engine.memory.MemoryStore.Operation;
import dev.limpet.node.home.Bounced;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Without a lease nothing begins, and nothing is acknowledged that no commit vouches for (rules 5 and 14). */
@Timeout(90)
class GateTest {

  @Test
  void calls_withoutALease_areRefusedReadsToo() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.lease(false);
      Throwable write = catchThrowable(() -> shore.probe("a").act("add"));
      Throwable read = catchThrowable(() -> shore.probe("a").look("get"));
      assertThat(write).isInstanceOf(Unavailable.class).hasMessageContaining("the test shut");
      TurnsTest.is(write, ErrorCode.NO_QUORUM, Executed.NO);
      TurnsTest.is(read, ErrorCode.NO_QUORUM, Executed.NO);
    }
  }

  @Test
  void calls_afterAShortPauseOfTheNode_waitUntilTheLeaseIsRenewed() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("addMemory");
      shore.pause();
      Caller<Long> warm = Caller.start(() -> shore.probe("a").act("addMemory"));
      Caller<Long> cold = Caller.start(() -> shore.probe("b").act("addMemory"));
      warm.awaitParked();
      cold.awaitParked();
      shore.lease(true);
      assertThat(warm.get()).isEqualTo(2);
      assertThat(cold.get()).isEqualTo(1);
    }
  }

  @Test
  void call_afterAPause_whoseLeaseIsNotRenewedSoon_isRefused() throws Exception {
    try (Shore shore = new Shore()) {
      shore.pause();
      Caller<Throwable> call =
          Caller.start(() -> catchThrowable(() -> shore.probe("a").act("add")));
      call.awaitParked();
      shore.lease(false);
      TurnsTest.is(call.get(), ErrorCode.NO_QUORUM, Executed.NO);
      assertThat(shore.acts.constructions).hasValue(0);
    }
  }

  @Test
  void process_thatIsNotInMemory_isNotLoadedWithoutALease() {
    try (Shore shore = new Shore()) {
      shore.lease(false);
      assertThatThrownBy(() -> shore.probe("a").look("get")).isInstanceOf(Unavailable.class);
      assertThat(shore.acts.constructions).hasValue(0);
      assertThat(shore.script.seen(Operation.Loading.class)).isEmpty();
    }
  }

  @Test
  void memory_isKeptWhileTheLeaseIsLostAndServedAgainAfterwards() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("addMemory");
      shore.lease(false);
      assertThatThrownBy(() -> shore.probe("a").look("getMemory")).isInstanceOf(Unavailable.class);
      shore.lease(true);
      assertThat(shore.probe("a").look("getMemory")).isEqualTo(1);
      assertThat(shore.acts.constructions).hasValue(1);
    }
  }

  @Test
  void turnWithoutACommit_whoseLeaseEndsWhileItRuns_isNotAcknowledged() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "lapse",
          p -> {
            shore.lease(false);
            return p.saved.get();
          });
      Throwable read = catchThrowable(() -> shore.probe("a").look("lapse"));
      TurnsTest.is(read, ErrorCode.NO_QUORUM, Executed.NO);
      shore.lease(true);
      Throwable write = catchThrowable(() -> shore.probe("a").act("lapse"));
      assertThat(write).isInstanceOf(OutcomeUnknown.class);
    }
  }

  @Test
  void turnWithACommit_whoseLeaseEndsWhileItRuns_isAcknowledgedByTheStore() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "lapse",
          p -> {
            shore.lease(false);
            return p.saved.update(n -> n + 1);
          });
      assertThat(shore.probe("a").act("lapse")).isEqualTo(1);
    }
  }

  @Test
  void leaseLostDuringTheLoad_keepsTheTurnFromBeginning() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Loading.class);
      Caller<Throwable> call =
          Caller.start(() -> catchThrowable(() -> shore.probe("a").act("add")));
      hold.awaitReached();
      shore.lease(false);
      hold.open();
      TurnsTest.is(call.get(), ErrorCode.NO_QUORUM, Executed.NO);
      assertThat(shore.script.parts()).isEmpty();
    }
  }

  @Test
  void shardLostDuringATurn_isUnknownAndNotRunAgain() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      Throwable e = loseTheShardDuring(shore, runs, () -> shore.probe("a").act("slow"));
      assertThat(e).isInstanceOf(OutcomeUnknown.class);
      assertThat(runs).hasValue(1);
      assertThat(shore.script.parts()).as("nothing of the lost turn was saved").hasSize(1);
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
      assertThat(shore.acts.constructions).hasValue(2);
    }
  }

  @Test
  void shardLostDuringAnIdempotentTurn_runsItAgainOnANewCopyAndSavesItOnce() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Shore shore = new Shore()) {
      assertThat(loseTheShardDuring(shore, runs, () -> shore.probe("a").repeat("slow"))).isNull();
      assertThat(runs).hasValue(2);
      assertThat(shore.script.parts()).hasSize(1);
      assertThat(shore.script.parts().getFirst().epoch()).isEqualTo(2);
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  /** Loses the shard and gets it back, at the next epoch, while the call's turn runs; what the call threw. */
  private static Throwable loseTheShardDuring(Shore shore, AtomicInteger runs, Callable<?> call)
      throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.acts.on(
        "slow",
        p -> {
          runs.incrementAndGet();
          TurnsTest.hold(begun, go);
          return p.saved.update(n -> n + 1);
        });
    Caller<Throwable> caller = Caller.start(() -> catchThrowable(call::call));
    begun.await();
    shore.place(0, 1);
    shore.place(Shore.SELF, 2);
    go.countDown();
    return caller.get();
  }

  @Test
  void shardLostDuringATurnThatCalledOut_isUnknownAndNotRunAgain() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "order",
          p -> {
            long n = p.other("b").act("add");
            TurnsTest.hold(begun, go);
            return n;
          });
      Caller<Throwable> call =
          Caller.start(() -> catchThrowable(() -> shore.probe("a").act("order")));
      begun.await();
      shore.place(0, 1);
      shore.place(Shore.SELF, 2);
      go.countDown();
      assertThat(call.get()).isInstanceOf(OutcomeUnknown.class);
      assertThat(shore.probe("b").look("get")).as("ordered once").isEqualTo(1);
    }
  }

  @Test
  void shardThatIsNotHere_bouncesTheCall() {
    try (Shore shore = new Shore()) {
      shore.place(Shore.OTHER, 2);
      assertThatThrownBy(() -> shore.shards.run(shore.direct("a", "add")))
          .isInstanceOf(Bounced.class);
      assertThat(shore.acts.constructions).hasValue(0);
    }
  }

  @Test
  void call_whileNobodyIsHome_isRefusedByItsDeadlineAndDidNotRun() {
    try (Shore shore = new Shore()) {
      shore.place(0, 1);
      Throwable e =
          catchThrowable(() -> shore.probe("a", java.time.Duration.ofMillis(100)).act("add"));
      TurnsTest.is(e, ErrorCode.NO_HOME, Executed.NO);
    }
  }

  @Test
  void call_whileNobodyIsHome_isAnsweredOnceSomebodyIs() throws Exception {
    try (Shore shore = new Shore()) {
      shore.place(0, 1);
      Caller<Long> call = Caller.start(() -> shore.probe("a").act("add"));
      call.awaitParked();
      shore.place(Shore.SELF, 2);
      assertThat(call.get()).isEqualTo(1);
    }
  }
}
