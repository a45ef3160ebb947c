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
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault that is noticed at once does what it says; a long lease keeps a busy machine from looking like another. */
@Timeout(60)
class TestClusterTest extends OnThreeNodes {
  private static final Duration SHORT = Duration.ofMillis(300);

  @BeforeAll
  static void start() {
    start(Duration.ofSeconds(10));
  }

  @Test
  void kill_theHome_anotherNodeHasWhatWasAcknowledged() throws Exception {
    assertThat(tally().add(5)).isEqualTo(5);
    String home = home();
    cluster.kill(home);
    assertThat(tally().sum()).isEqualTo(5);
    assertThat(home()).isNotEqualTo(home);
    assertThat(cluster.runningNodes()).hasSize(2).doesNotContain(home);
    assertThatThrownBy(() -> cluster.node(home).get(Tally.class, key).sum())
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining(home + " does not run");
  }

  @Test
  void kill_whileTheAnswerOfTheStoreIsLost_isUnknown_andCountsOnceAtMost() throws Exception {
    cluster.awaitSettled();
    assertThat(tally().sum()).isZero();
    cluster.loseStoreAnswers();
    CompletableFuture<Long> answer = inItsTurn(far());
    cluster.kill(home());
    cluster.mendStore();
    assertThatThrownBy(answer::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(OutcomeUnknown.class);
    assertThat(tally().sum()).isIn(0L, 5L);
  }

  @Test
  void kill_inACallWithAKey_isAnsweredByTheNextHome_andCountsOnce() throws Exception {
    assertThat(tally().sum()).isZero();
    cluster.loseStoreAnswers();
    CompletableFuture<Long> answer = inItsTurn(far().withIdempotencyKey("once"));
    cluster.kill(home());
    cluster.mendStore();
    assertThat(answer.get()).isEqualTo(5);
    assertThat(tally().sum()).isEqualTo(5);
  }

  @Test
  void stop_theHome_takesItsMemoryAlong() throws Exception {
    cluster.awaitSettled();
    assertThat(tally().add(5)).isEqualTo(5);
    String home = home();
    assertThat(tally().place()).isEqualTo(home + " 1");
    cluster.stop(home);
    assertThat(tally().place()).isNotEqualTo(home + " 1").endsWith(" 1");
  }

  @Test
  void freeze_answersNothing_untilItThaws() throws Exception {
    assertThat(tally().add(5)).isEqualTo(5);
    String home = home();
    Ref<Tally> far = far();
    cluster.freeze(home);
    assertThat(cluster)
        .hasToString("nodes: " + "n1 up, n2 up, n3 up".replace(home + " up", home + " frozen"));
    LimpetException silent =
        catchThrowableOfType(
            LimpetException.class, () -> far.withDeadline(Duration.ofMillis(100)).get().sum());
    assertThat(silent).isNotNull();
    CompletableFuture<Long> late = far.async(Tally::sum);
    cluster.thaw(home);
    assertThat(late.get()).isEqualTo(5);
  }

  @Test
  void cut_betweenTwo_leavesBothInTouchWithTheThird() throws Exception {
    cluster.cut("n1", "n2");
    assertThat(cluster.node("n1").nodeId()).isEqualTo("n1");
    assertThat(cluster).hasToString("nodes: n1 up, n2 up, n3 up");
    cluster.cut("n3", "n2");
    assertThat(cluster).hasToString("nodes: n1 up, n2 cut off, n3 up");
    cluster.heal();
    assertThat(cluster).hasToString("nodes: n1 up, n2 up, n3 up");
  }

  @Test
  void move_takesMemoryAlong_andUnpinBringsItHome() throws Exception {
    cluster.awaitSettled();
    assertThat(tally().add(5)).isEqualTo(5);
    String home = home();
    String other = cluster.farFrom(Tally.class, key);
    cluster.move(Tally.class, key, other);
    assertThat(home()).isEqualTo(other);
    assertThat(tally().place()).isEqualTo(other + " 1");
    cluster.unpin(Tally.class, key);
    assertThat(tally().place()).isEqualTo(home + " 1");
  }

  @Test
  void drain_emptiesANode_thatStaysAMember() throws Exception {
    cluster.awaitSettled();
    assertThat(tally().add(5)).isEqualTo(5);
    String home = home();
    cluster.drain(home);
    assertThat(home()).isNotEqualTo(home);
    assertThat(tally().place()).endsWith(" 1");
    assertThat(cluster.node(home).get(Tally.class, key).sum()).isEqualTo(5);
    cluster.undrain(home);
    cluster.awaitSettled();
    assertThat(home()).isEqualTo(home);
  }

  @Test
  void breakStore_whatRanIsUnknown_andWhatHasToBeLoadedIsRefused() throws Exception {
    cluster.awaitSettled();
    assertThat(tally().sum()).isZero();
    cluster.breakStore();
    LimpetException unsaved =
        catchThrowableOfType(LimpetException.class, () -> far().withDeadline(SHORT).get().add(5));
    assertThat(unsaved.executed()).isEqualTo(Executed.UNKNOWN);
    LimpetException unloaded =
        catchThrowableOfType(
            LimpetException.class,
            () -> cluster.ref(Tally.class, key + " new").withDeadline(SHORT).get().add(5));
    assertThat(unloaded.executed()).isEqualTo(Executed.NO);
    cluster.mendStore();
    assertThat(tally().sum()).as("it is sent again until the store takes it").isEqualTo(5);
    assertThat(cluster.get(Tally.class, key + " new").sum()).isZero();
  }

  @Test
  void loseStoreAnswers_whatWasSavedIsUnknown_andCountsOnce() throws Exception {
    cluster.awaitSettled();
    assertThat(tally().sum()).isZero();
    cluster.loseStoreAnswers();
    LimpetException unanswered =
        catchThrowableOfType(LimpetException.class, () -> far().withDeadline(SHORT).get().add(5));
    assertThat(unanswered.executed()).isEqualTo(Executed.UNKNOWN);
    cluster.mendStore();
    assertThat(tally().sum()).isEqualTo(5);
  }

  @Test
  void misuse_isRefusedWithWhatToDo() {
    assertThatThrownBy(() -> cluster.kill("n4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[n1, n2, n3]");
    assertThatThrownBy(() -> cluster.start("n1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("runs already");
    cluster.kill("n3");
    assertThatThrownBy(() -> cluster.freeze("n3"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("does not run");
    assertThatThrownBy(() -> cluster.node("n1").close())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("TestCluster.stop(\"n1\")");
    assertThatThrownBy(() -> TestCluster.of(8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TestCluster.of(1).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".host(");
  }
}
