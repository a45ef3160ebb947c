package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.CellMisused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessFailed;
import dev.limpet.core.home.Tenure;
import dev.limpet.node.call.Calls;
import dev.limpet.node.home.Bounced;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call on a process in memory is a method call under a lock, and keeps every promise of the long way. */
@Timeout(90)
class ShortWayTest {
  private final Shore shore = new Shore();
  private final Probe warm = shore.probe("a");

  @BeforeEach
  void warmUp() throws Exception {
    assertThat(warm.act("add")).isEqualTo(1);
    assertThat(warm.act("addMemory")).isEqualTo(1);
  }

  @AfterEach
  void close() {
    shore.close();
  }

  /** Whether the call that runs now came the long way. */
  private static long isLong() {
    boolean found =
        StackWalker.getInstance()
            .walk(
                frames -> frames.anyMatch(f -> f.getClassName().startsWith(Calls.class.getName())));
    return found ? 1 : 0;
  }

  @Test
  void process_inMemory_isCalledTheShortWayAlsoByANewReference() throws Exception {
    shore.acts.on("way", p -> isLong());
    assertThat(warm.act("way")).isZero();
    assertThat(shore.probe("a").act("way")).isZero();
    assertThat(shore.probe("b").act("way")).as("activated first").isEqualTo(1);
    assertThat(shore.keyed("a", "k1").act("way")).as("with a key").isEqualTo(1);
  }

  @Test
  void process_calledOutOfATurn_isCalledTheLongWayForItsChain() throws Exception {
    shore.probe("b").act("add");
    shore.acts.on("way", p -> isLong());
    shore.acts.on("outer", p -> p.other("b").act("way"));
    assertThat(warm.act("outer")).isEqualTo(1);
  }

  @Test
  void declaredException_leavesEverythingAndArrivesAsItself() throws Exception {
    shore.acts.on(
        "refuse",
        p -> {
          p.saved.set(100L);
          p.memory.set(100L);
          throw new Refused("not covered");
        });
    int before = shore.script.parts().size();
    assertThatThrownBy(() -> warm.act("refuse"))
        .isExactlyInstanceOf(Refused.class)
        .hasMessage("not covered");
    assertThat(shore.script.parts()).hasSize(before);
    assertThat(warm.look("get")).isEqualTo(1);
    assertThat(warm.look("getMemory")).isEqualTo(1);
  }

  @Test
  void undeclaredException_changesNothingAndTheProcessGoesOn() throws Exception {
    shore.acts.on(
        "fail",
        p -> {
          p.saved.set(100L);
          throw new StackOverflowError();
        });
    Throwable e = catchThrowable(() -> warm.act("fail"));
    assertThat(e).isInstanceOf(ProcessFailed.class).hasMessageContaining("Incident");
    TurnsTest.is(e, ErrorCode.PROCESS_FAILED, Executed.NO);
    assertThat(warm.look("get")).isEqualTo(1);
    assertThat(warm.act("add")).isEqualTo(2);
  }

  @Test
  void stateThatCannotBeSaved_changesNothingAndTheProcessGoesOn() throws Exception {
    shore.acts.on(
        "grow",
        p -> {
          p.memory.set(5L);
          p.text.set("x".repeat(1 << 20));
          return 0;
        });
    TurnsTest.is(catchThrowable(() -> warm.act("grow")), ErrorCode.STATE_TOO_LARGE, Executed.NO);
    assertThat(warm.look("getMemory")).isEqualTo(1);
    assertThat(warm.act("add")).isEqualTo(2);
  }

  @Test
  void reads_thatWrite_areRefused() throws Exception {
    assertThatThrownBy(() -> warm.look("add")).isInstanceOf(CellMisused.class);
    assertThat(warm.look("get")).isEqualTo(1);
  }

  @Test
  void leaseThatEndsDuringATurnWithoutACommit_keepsItsAnswerBack() {
    shore.acts.on(
        "lapse",
        p -> {
          shore.lease(false);
          return p.saved.get();
        });
    TurnsTest.is(catchThrowable(() -> warm.look("lapse")), ErrorCode.NO_QUORUM, Executed.NO);
    shore.lease(true);
    assertThat(catchThrowable(() -> warm.act("lapse"))).isInstanceOf(OutcomeUnknown.class);
  }

  @Test
  void leaseThatEndsDuringATurnThatCalledOut_keepsItsAnswerBack() throws Exception {
    shore.probe("b").act("add");
    shore.acts.on(
        "lapse",
        p -> {
          p.other("b").look("get");
          shore.lease(false);
          return p.saved.get();
        });
    TurnsTest.is(catchThrowable(() -> warm.look("lapse")), ErrorCode.NO_QUORUM, Executed.NO);
  }

  @Test
  void shardLostDuringARead_isReadAgainOnTheNewCopy() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.acts.on(
        "slow",
        p -> {
          TurnsTest.hold(begun, go);
          return p.memory.get();
        });
    Caller<Long> read = Caller.start(() -> warm.look("slow"));
    begun.await();
    shore.place(0, 1);
    shore.place(Shore.SELF, 2);
    go.countDown();
    assertThat(read.get()).as("of a copy whose memory is gone").isZero();
  }

  @Test
  void processThatIsBusy_isWaitedFor() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.acts.on("hold", p -> TurnsTest.hold(begun, go));
    Caller<Long> holder = Caller.start(() -> warm.act("hold"));
    begun.await();
    Caller<Long> next = Caller.start(() -> warm.act("add"));
    Caller.until(() -> shore.waiting("a") == 1);
    go.countDown();
    holder.get();
    assertThat(next.get()).isEqualTo(2);
  }

  @Test
  void reference_outlivesPassivationAndALostShard() throws Exception {
    shore.clock.advance(Hosting.Options.DEFAULT.idleAfter());
    assertThat(shore.shards.liveCount()).isZero();
    assertThat(warm.look("get")).isEqualTo(1);
    assertThat(warm.look("getMemory")).isZero();
    shore.place(0, 1);
    shore.place(Shore.SELF, 2);
    assertThat(warm.act("add")).isEqualTo(2);
    assertThat(shore.acts.constructions).hasValue(3);
  }

  @Test
  void shardThatIsAboutToMove_letsNoTurnBeginTheShortWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.probe("b").act("add");
    shore.acts.on("hold", p -> TurnsTest.hold(begun, go));
    Caller<Long> holder = Caller.start(() -> shore.probe("b").act("hold"));
    begun.await();
    shore.move(1);
    assertThat(shore.tenure()).isInstanceOf(Tenure.Freezing.class);
    assertThatThrownBy(() -> shore.shards.run(shore.direct("a", "add")))
        .isInstanceOf(Bounced.class);
    Caller<Long> waiting = Caller.start(() -> warm.act("add"));
    waiting.awaitParked();
    assertThat(shore.script.parts()).as("none but those of the warm-up").hasSize(2);
    shore.place(Shore.SELF, 2);
    go.countDown();
    assertThat(waiting.get()).isEqualTo(2);
    assertThat(catchThrowable(holder::get)).isNotNull();
  }

  @Test
  void callsAfterTheNodeClosed_areRefused() {
    shore.close();
    TurnsTest.is(catchThrowable(() -> warm.act("add")), ErrorCode.CLOSED, Executed.NO);
  }
}
