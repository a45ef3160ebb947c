package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.home.Tenure;
import dev.limpet.engine.Store;
import dev.limpet.engine.memory.MemoryStore.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing leaves before what it rests on is saved, and what is saved is saved once (rules 9 to 11). */
@Timeout(90)
class CommitsTest {
  private static final ProcessId A = new ProcessId("probe", "a");

  @Test
  void reply_ofAWrite_waitsForItsCommit() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      write.awaitParked();
      hold.open();
      assertThat(write.get()).isEqualTo(1);
    }
  }

  @Test
  void reply_ofAReadThatFollows_waitsForTheCommitItRestsOn() throws Exception {
    CountDownLatch readRan = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "see",
          p -> {
            readRan.countDown();
            return p.saved.get();
          });
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      Caller<Long> read = Caller.start(() -> shore.probe("a").look("see"));
      readRan.await();
      read.awaitParked();
      write.awaitParked();
      hold.open();
      assertThat(read.get()).isEqualTo(1);
      assertThat(write.get()).isEqualTo(1);
    }
  }

  @Test
  void reply_ofARefusalThatFollows_waitsForTheCommitItRestsOn() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "refuse",
          p -> {
            ran.countDown();
            throw new Refused("there is already " + p.saved.get());
          });
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      Caller<Throwable> refused =
          Caller.start(() -> catchThrowable(() -> shore.probe("a").act("refuse")));
      ran.await();
      refused.awaitParked();
      hold.open();
      assertThat(refused.get()).isInstanceOf(Refused.class).hasMessage("there is already 1");
      assertThat(write.get()).isEqualTo(1);
    }
  }

  /** With a key the call goes the long way, without one the short. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void reply_ofAFailureThatFollows_waitsForTheCommitItRestsOn(boolean key) throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "fail",
          p -> {
            ran.countDown();
            throw new IllegalStateException("there is already " + p.saved.get());
          });
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      Probe a = key ? shore.keyed("a", "k") : shore.probe("a");
      Caller<Throwable> failed = Caller.start(() -> catchThrowable(() -> a.act("fail")));
      ran.await();
      failed.awaitParked();
      hold.open();
      TurnsTest.is(failed.get(), ErrorCode.PROCESS_FAILED, Executed.NO);
      assertThat(write.get()).isEqualTo(1);
    }
  }

  @Test
  void read_ofAnotherProcess_doesNotWait() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("b").act("nothing");
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      assertThat(shore.probe("b").look("get")).isZero();
      hold.open();
      write.get();
    }
  }

  @Test
  void nextTurns_beginWhileTheFormerCommits_andAreSavedTogether() throws Exception {
    CountDownLatch three = new CountDownLatch(3);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "count",
          p -> {
            three.countDown();
            return p.saved.update(n -> n + 1);
          });
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      List<Caller<Long>> writes =
          List.of(
              Caller.start(() -> shore.probe("a").act("count")),
              Caller.start(() -> shore.probe("a").act("count")),
              Caller.start(() -> shore.probe("a").act("count")));
      assertThat(three.await(30, TimeUnit.SECONDS)).as("all ran").isTrue();
      hold.awaitReached();
      for (Caller<Long> write : writes) {
        write.awaitParked();
      }
      hold.open();
      assertThat(List.of(writes.get(0).get(), writes.get(1).get(), writes.get(2).get()))
          .containsExactlyInAnyOrder(1L, 2L, 3L);
      assertThat(shore.script.parts().getLast().sequence()).isLessThanOrEqualTo(3);
      assertThat(columns(shore)).containsKey("cell:saved");
    }
  }

  @Test
  void commit_whoseAnswerIsLost_isSentAgainUnchangedAndAppliedOnce() throws Exception {
    try (Shore shore = new Shore()) {
      shore.script.loseAnswers(Operation.Committing.class, 2);
      assertThat(shore.probe("a").act("add")).isEqualTo(1);
      List<Store.Part> parts = shore.script.parts();
      assertThat(parts).hasSize(3);
      assertThat(parts).allSatisfy(p -> same(p, parts.getFirst()));
      assertThat(shore.probe("a").act("add")).isEqualTo(2);
      assertThat(shore.script.parts().getLast().sequence()).isEqualTo(2);
    }
  }

  @Test
  void commit_thatNeverArrived_isSentAgainUnchanged() throws Exception {
    try (Shore shore = new Shore()) {
      shore.script.lose(Operation.Committing.class, 1);
      assertThat(shore.probe("a").act("add")).isEqualTo(1);
      List<Store.Part> parts = shore.script.parts();
      assertThat(parts).hasSize(2);
      same(parts.get(1), parts.get(0));
    }
  }

  private static void same(Store.Part one, Store.Part other) {
    assertThat(one.epoch()).isEqualTo(other.epoch());
    assertThat(one.claim()).isEqualTo(other.claim());
    assertThat(one.sequence()).isEqualTo(other.sequence());
    assertThat(one.changes()).isEqualTo(other.changes());
  }

  @Test
  void commit_thatIsFenced_isUnknownToItsCallerAndTheNextCallLoadsAnew() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      // A later claim of the same epoch: what this node holds is not believed any more.
      shore.store.claim(List.of(new Store.Claim(0, 1, 5, Shore.SELF))).join();

      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));

      assertThat(e).isInstanceOf(OutcomeUnknown.class);
      TurnsTest.is(e, ErrorCode.OUTCOME_UNKNOWN, Executed.UNKNOWN);
      assertThat(shore.probe("a").look("get")).as("loaded from the store").isEqualTo(1);
      assertThat(shore.acts.constructions).hasValue(2);
      assertThat(shore.tenure()).isInstanceOf(Tenure.Open.class);
      assertThat(((Tenure.Open) shore.tenure()).claim()).isEqualTo(6);
    }
  }

  /** One that ran behind a commit which was fenced, by that method of a probe. */
  private static Throwable behindAFencedCommit(Shore shore, Act call) throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    shore.acts.on(
        "count",
        p -> {
          ran.countDown();
          return p.saved.update(n -> n + 1);
        });
    StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
    Caller<Throwable> first = Caller.start(() -> catchThrowable(() -> shore.probe("a").act("add")));
    hold.awaitReached();
    Caller<Throwable> second =
        Caller.start(() -> catchThrowable(() -> call.on(shore.probe("a"), "count")));
    ran.await();
    second.awaitParked();
    shore.store.claim(List.of(new Store.Claim(0, 1, 5, Shore.SELF))).join();
    hold.open();
    assertThat(first.get()).isInstanceOf(OutcomeUnknown.class);
    return second.get();
  }

  private interface Act {
    long on(Probe probe, String act) throws Exception;
  }

  @Test
  void turnBehindAFencedCommit_isUnknownAndNotRunAgain() throws Exception {
    try (Shore shore = new Shore()) {
      Throwable e = behindAFencedCommit(shore, Probe::act);
      assertThat(e).isInstanceOf(OutcomeUnknown.class);
      assertThat(shore.probe("a").look("get")).isZero();
    }
  }

  @Test
  void idempotentTurnBehindAFencedCommit_runsAgainOnTheStateWithoutTheFirst() throws Exception {
    try (Shore shore = new Shore()) {
      assertThat(behindAFencedCommit(shore, Probe::repeat)).isNull();
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
    }
  }

  @Test
  void idempotentCall_whoseCommitIsFenced_isTriedAgainInside() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.store.claim(List.of(new Store.Claim(0, 1, 5, Shore.SELF))).join();
      assertThat(shore.probe("a").repeat("add")).isEqualTo(2);
    }
  }

  @Test
  void load_readsAtLeastUpToTheClaimAndTheLastCommit() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.probe("b").act("add");
      shore.clock.advance(Duration.ofHours(1));
      shore.probe("a").look("get");
      List<Operation.Loading> loads = shore.script.seen(Operation.Loading.class);
      // 1 is the claim, 2 and 3 the commits.
      assertThat(loads).extracting(Operation.Loading::atLeast).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void call_beforeTheClaimIsGranted_waitsAndLoadsNothing() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Claiming.class);
      shore.place(Shore.SELF, 2);
      Caller<Long> read = Caller.start(() -> shore.probe("a").look("get"));
      read.awaitParked();
      assertThat(shore.script.seen(Operation.Loading.class)).isEmpty();
      hold.open();
      assertThat(read.get()).isZero();
    }
  }

  @Test
  void claim_whoseAnswerIsLost_isSentAgain() throws Exception {
    try (Shore shore = new Shore()) {
      shore.script.loseAnswers(Operation.Claiming.class, 1);
      shore.place(Shore.SELF, 2);
      assertThat(shore.probe("a").act("add")).isEqualTo(1);
    }
  }

  @Test
  void load_thatFails_refusesTheCallAndTheNextTriesAgain() throws Exception {
    try (Shore shore = new Shore()) {
      shore.script.lose(Operation.Loading.class, 1);
      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
      assertThat(e).isInstanceOf(Unavailable.class);
      TurnsTest.is(e, ErrorCode.STORE_UNAVAILABLE, Executed.NO);
      assertThat(shore.probe("a").act("add")).isEqualTo(1);
    }
  }

  @Test
  void load_thatBringsNoAnswer_endsWithTheDeadline() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Loading.class);
      Throwable e = catchThrowable(() -> shore.probe("a", Duration.ofSeconds(1)).act("add"));
      TurnsTest.is(e, ErrorCode.DEADLINE_PASSED, Executed.NO);
      hold.open();
      assertThat(shore.probe("a").look("get")).isZero();
    }
  }

  @Test
  void outgoingCall_ofTheNextTurn_doesNotLeaveBeforeTheFormerIsSaved() throws Exception {
    CountDownLatch asking = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on(
              "ask",
              p -> {
                asking.countDown();
                return p.other("b").act("asked");
              })
          .on(
              "asked",
              p -> {
                asked.countDown();
                return 9;
              });
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      Caller<Long> ask = Caller.start(() -> shore.probe("a").act("ask"));
      asking.await();
      ask.awaitParked();
      assertThat(asked.getCount()).as("the call has not left").isEqualTo(1);
      hold.open();
      assertThat(ask.get()).isEqualTo(9);
      write.get();
    }
  }

  @Test
  void awaitSaved_inATurn_waitsForEarlierTurns() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    CountDownLatch passed = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "print",
          p -> {
            waiting.countDown();
            p.self.awaitSaved();
            passed.countDown();
            return 0;
          });
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      Caller<Long> print = Caller.start(() -> shore.probe("a").act("print"));
      waiting.await();
      print.awaitParked();
      assertThat(passed.getCount()).isEqualTo(1);
      hold.open();
      print.get();
      write.get();
      assertThat(passed.getCount()).isZero();
    }
  }

  @Test
  void close_whileACommitIsUnderWay_tellsItsCallerThatItIsUnknown() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Throwable> write =
          Caller.start(() -> catchThrowable(() -> shore.probe("a").act("add")));
      hold.awaitReached();
      shore.shards.dropAll();
      assertThat(write.get()).isInstanceOf(OutcomeUnknown.class);
      hold.open();
    }
  }

  private static Map<String, byte[]> columns(Shore shore) {
    return shore.store.load(0, A, 0).join();
  }
}
