package dev.limpet.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.Ref;
import dev.limpet.Unavailable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault that only the end of a lease tells of does what it says. */
@Timeout(60)
class SilentNodesTest extends OnThreeNodes {
  @BeforeAll
  static void start() {
    start(Duration.ofSeconds(1));
  }

  @Test
  void kill_ofTheMajority_isRefused_untilItIsBack() throws Exception {
    assertThat(Again.call(() -> tally().add(5))).isEqualTo(5);
    cluster.kill("n1");
    cluster.kill("n2");
    assertThatThrownBy(() -> tally().sum())
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("n3 cut off");
    LimpetException refused =
        catchThrowableOfType(
            LimpetException.class,
            () ->
                cluster
                    .node("n3")
                    .ref(Tally.class, key)
                    .withDeadline(Duration.ofSeconds(1))
                    .get()
                    .add(1));
    assertThat(refused).isNotNull();
    cluster.mend();
    assertThat(Again.call(() -> tally().sum())).isIn(5L, 6L);
    assertThat(tally().sum() == 6 && refused.executed() == Executed.NO).isFalse();
  }

  @Test
  void freeze_longerThanALease_anotherNodeTakesOver_andTheOldCopyAnswersNothing() throws Exception {
    assertThat(Again.call(() -> tally().add(5))).isEqualTo(5);
    String home = home();
    cluster.freeze(home);
    CompletableFuture<Long> stale = cluster.node(home).ref(Tally.class, key).async(Tally::sum);
    cluster.awaitEmpty(home);
    assertThat(Again.call(() -> tally().add(2))).isEqualTo(7);
    assertThat(stale).isNotDone();
    cluster.thaw(home);
    // It may have to be asked again; the old value it never is.
    assertThat(stale.exceptionally(refused -> 7L).get()).isEqualTo(7);
  }

  @Test
  void freeze_inTheMiddleOfACall_whatItSavesAfterwardsIsRefused() throws Exception {
    cluster.awaitSettled();
    assertThat(Again.call(() -> tally().sum())).isZero();
    String home = home();
    goOn = new CountDownLatch(1);
    CompletableFuture<Long> late = inItsTurn(cluster.node(home).ref(Tally.class, key));
    cluster.freeze(home);
    goOn.countDown();
    cluster.awaitEmpty(home);
    assertThat(Again.call(() -> tally().add(2))).isEqualTo(2);
    assertThat(late).isNotDone();
    cluster.thaw(home);
    assertThatThrownBy(late::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(OutcomeUnknown.class);
    cluster.kill(home());
    assertThat(Again.call(() -> tally().sum())).as("what the store holds").isEqualTo(2);
  }

  @Test
  void cut_theHome_othersGoOn_andItRefuses() throws Exception {
    assertThat(Again.call(() -> tally().add(5))).isEqualTo(5);
    String home = home();
    cluster.cut(home);
    cluster.awaitEmpty(home);
    assertThat(Again.call(() -> tally().add(2))).isEqualTo(7);
    LimpetException refused =
        catchThrowableOfType(
            LimpetException.class, () -> cluster.node(home).get(Tally.class, key).add(1));
    assertThat(refused.executed()).isEqualTo(Executed.NO);
    cluster.mend();
    assertThat(Again.call(() -> cluster.node(home).get(Tally.class, key).sum())).isEqualTo(7);
  }

  @Test
  void mute_theHome_runsWhatComes_andNobodyLearnsOfIt() throws Exception {
    cluster.awaitSettled();
    assertThat(Again.call(() -> tally().sum())).isZero();
    String home = home();
    Ref<Tally> far = far();
    cluster.mute(home);
    CompletableFuture<Long> answer = inItsTurn(far);
    cluster.awaitEmpty(home);
    assertThatThrownBy(answer::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(OutcomeUnknown.class);
    assertThat(Again.call(() -> tally().sum())).isZero();
  }
}
