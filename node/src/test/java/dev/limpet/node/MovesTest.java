package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.home.Tenure;
import dev.limpet.engine.memory.MemoryStore.Operation;
import dev.limpet.node.home.Bounced;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A planned move at its source: freeze, finish, renounce, release; or thaw and go on (rules 15 and 16). */
@Timeout(90)
class MovesTest {

  @Test
  void quietShard_isReleasedAndServesNoMore() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.move(5);
      Caller.until(() -> !shore.releases.isEmpty());
      assertThat(shore.releases.getFirst().move()).isEqualTo(5);
      assertThat(shore.tenure()).isInstanceOf(Tenure.Renounced.class);
      assertThatThrownBy(() -> shore.shards.run(shore.direct("a", "add")))
          .isInstanceOf(Bounced.class);
      assertThatThrownBy(() -> shore.shards.run(shore.direct("new", "add")))
          .isInstanceOf(Bounced.class);
    }
  }

  @Test
  void release_isRepeatedUntilThePlacementAnswersIt() throws Exception {
    try (Shore shore = new Shore()) {
      shore.move(5);
      Caller.until(() -> shore.releases.size() == 1);
      shore.tick();
      assertThat(shore.releases).hasSize(2);
      shore.place(Shore.OTHER, 99);
      shore.tick();
      assertThat(shore.releases).hasSize(2);
      assertThat(shore.tenure()).isInstanceOf(Tenure.Away.class);
    }
  }

  @Test
  void renouncedShard_servesAgainOnlyAfterTheAbort_withItsMemory() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("addMemory");
      shore.move(5);
      Caller.until(() -> shore.tenure() instanceof Tenure.Renounced);
      Caller<Long> call = Caller.start(() -> shore.probe("a").act("addMemory"));
      shore.tick();
      shore.tick();
      call.awaitParked();
      assertThat(shore.tenure()).isInstanceOf(Tenure.Renounced.class);
      shore.place(Shore.SELF, 1);
      assertThat(call.get()).isEqualTo(2);
    }
  }

  @Test
  void freeze_letsARunningTurnFinish_andBouncesOthers() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "slow",
          p -> {
            TurnsTest.hold(begun, go);
            return p.saved.update(n -> n + 1);
          });
      shore.probe("b").act("nothing");
      Caller<Long> slow = Caller.start(() -> shore.probe("a").act("slow"));
      begun.await();
      shore.move(5);
      assertThat(shore.tenure()).isInstanceOf(Tenure.Freezing.class);
      assertThatThrownBy(() -> shore.shards.run(shore.direct("b", "add")))
          .isInstanceOf(Bounced.class);
      assertThatThrownBy(() -> shore.shards.run(shore.direct("new", "add")))
          .isInstanceOf(Bounced.class);
      assertThat(shore.releases).isEmpty();
      go.countDown();
      assertThat(slow.get()).isEqualTo(1);
      // On a slow machine the freeze may have been given up by then: ticks freeze it again.
      Caller.until(() -> {
        shore.tick();
        return !shore.releases.isEmpty();
      });
      assertThat(shore.tenure()).isInstanceOf(Tenure.Renounced.class);
    }
  }

  @Test
  void freeze_letsInTheCallsOfARunningTurn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "ask",
          p -> {
            TurnsTest.hold(begun, go);
            return p.other("b").act("add") * 10 + p.other("c").act("onward");
          });
      shore.acts.on("onward", p -> p.other("d").act("add"));
      Caller<Long> ask = Caller.start(() -> shore.probe("a", Duration.ofSeconds(5)).act("ask"));
      begun.await();
      shore.move(5);
      assertThat(shore.tenure()).isInstanceOf(Tenure.Freezing.class);
      go.countDown();
      assertThat(ask.get()).as("without a thaw").isEqualTo(11);
      assertThat(shore.tenure()).isNotInstanceOf(Tenure.Open.class);
    }
  }

  @Test
  void freeze_whileACommitIsUnderWay_releasesOnlyWhenItIsSaved() throws Exception {
    try (Shore shore = new Shore()) {
      StoreScript.Hold hold = shore.script.hold(Operation.Committing.class);
      Caller<Long> write = Caller.start(() -> shore.probe("a").act("add"));
      hold.awaitReached();
      shore.move(5);
      Caller.until(() -> {
        shore.tick();
        return shore.tenure() instanceof Tenure.Open || !shore.releases.isEmpty();
      });
      assertThat(shore.releases).as("given up: the commit was under way").isEmpty();
      write.awaitParked();
      hold.open();
      assertThat(write.get()).isEqualTo(1);
      Caller.until(() -> {
        shore.tick();
        return !shore.releases.isEmpty();
      });
    }
  }

  @Test
  void freeze_thatDoesNotBecomeQuiet_thawsAndServes_andIsTriedAgainLater() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("slow", p -> TurnsTest.hold(begun, go));
      Caller<Long> slow = Caller.start(() -> shore.probe("a").act("slow"));
      begun.await();
      shore.move(5);
      Caller<Long> other = Caller.start(() -> shore.probe("b").act("add"));
      Caller.until(() -> {
        shore.tick();
        return shore.tenure() instanceof Tenure.Open;
      });
      assertThat(other.get()).as("served while the slow turn runs on").isEqualTo(1);
      assertThat(shore.releases).isEmpty();
      go.countDown();
      slow.get();
      Caller.until(() -> {
        shore.tick();
        return !shore.releases.isEmpty();
      });
      assertThat(shore.tenure()).isInstanceOf(Tenure.Renounced.class);
    }
  }

  @Test
  void moveAbortedWhileItFreezes_servesAtOnce() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("slow", p -> TurnsTest.hold(begun, go));
      Caller<Long> slow = Caller.start(() -> shore.probe("a").act("slow"));
      begun.await();
      shore.move(5);
      shore.place(Shore.SELF, 1);
      assertThat(shore.tenure()).isInstanceOf(Tenure.Open.class);
      assertThat(shore.probe("b").act("add")).isEqualTo(1);
      go.countDown();
      slow.get();
      assertThat(shore.releases).isEmpty();
    }
  }

  @Test
  void callsThatWaitForTheirTurnWhenTheShardFreezes_doNotRunHere() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (Shore shore = new Shore()) {
      shore.acts.on("slow", p -> TurnsTest.hold(begun, go));
      Caller<Long> slow = Caller.start(() -> shore.probe("a").act("slow"));
      begun.await();
      Caller<Throwable> waits =
          Caller.start(() -> {
            try {
              shore.shards.run(shore.direct("a", "add"));
            } catch (Bounced e) {
              return e;
            }
            return new AssertionError("it ran");
          });
      Caller.until(() -> shore.waiting("a") == 1);
      shore.move(5);
      go.countDown();
      assertThat(waits.get()).isInstanceOf(Bounced.class);
      slow.get();
      assertThat(shore.script.parts()).isEmpty();
    }
  }
}
