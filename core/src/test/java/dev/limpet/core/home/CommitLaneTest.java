package dev.limpet.core.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.Invariant;
import dev.limpet.core.home.CommitLane.Answer;
import dev.limpet.core.home.CommitLane.Batch;
import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.core.home.CommitLane.Settled;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommitLaneTest {
  private final CommitLane<String> lane = new CommitLane<>();

  private @Nullable Batch<String> next() {
    return lane.next(String::length, 10);
  }

  @Test
  void next_oneBatchAtATime_inOrder_numberedFromOne() {
    assertThat(next()).isNull();
    lane.offer("a");
    assertThat(next()).isEqualTo(new Batch<>(1, List.of("a"), false));
    lane.offer("b");
    lane.offer("c");
    assertThat(next()).as("one is under way").isNull();
    assertThat(lane.waiting()).isEqualTo(2);
    assertThat(lane.answered(Answer.ACCEPTED)).isEqualTo(new Settled<>(Fate.SAVED, List.of("a")));
    assertThat(next()).isEqualTo(new Batch<>(2, List.of("b", "c"), false));
  }

  @Test
  void next_staysWithinTheBound_butTakesAtLeastOne() {
    lane.offer("123456");
    lane.offer("12345");
    lane.offer("123456789012345");
    assertThat(next()).isEqualTo(new Batch<>(1, List.of("123456"), false));
    lane.answered(Answer.ACCEPTED);
    assertThat(next()).isEqualTo(new Batch<>(2, List.of("12345"), false));
    lane.answered(Answer.ACCEPTED);
    assertThat(next()).isEqualTo(new Batch<>(3, List.of("123456789012345"), false));
  }

  @Test
  void quiet_onlyWhenNothingWaitsAndNothingIsUnderWay() {
    assertThat(lane.quiet()).isTrue();
    lane.offer("a");
    assertThat(lane.quiet()).isFalse();
    next();
    assertThat(lane.quiet()).isFalse();
    assertThat(lane.isUnderWay()).isTrue();
    lane.answered(Answer.ACCEPTED);
    assertThat(lane.quiet()).isTrue();
  }

  @Test
  void unanswered_isSentAgainUnchanged() {
    lane.offer("a");
    next();
    lane.offer("b");
    assertThat(lane.unanswered()).isEqualTo(new Batch<>(1, List.of("a"), true));
    assertThat(lane.answered(Answer.ALREADY_APPLIED))
        .isEqualTo(new Settled<>(Fate.SAVED, List.of("a")));
    assertThat(lane.unanswered()).isNull();
  }

  @Test
  void fenced_atTheFirstSending_isNotSaved_atARepeat_isUnknown() {
    lane.offer("a");
    next();
    lane.offer("b");
    assertThat(lane.answered(Answer.FENCED)).isEqualTo(new Settled<>(Fate.NOT_SAVED, List.of("a")));
    assertThat(next()).as("closed").isNull();
    assertThat(lane.close()).containsExactly(new Settled<>(Fate.NOT_SAVED, List.of("b")));

    CommitLane<String> again = new CommitLane<>();
    again.offer("a");
    again.next(String::length, 10);
    again.unanswered();
    assertThat(again.answered(Answer.FENCED)).isEqualTo(new Settled<>(Fate.UNKNOWN, List.of("a")));
  }

  @Test
  void gap_isUnknown_andClosesTheLane() {
    lane.offer("a");
    next();
    assertThat(lane.answered(Answer.GAP).fate()).isEqualTo(Fate.UNKNOWN);
    assertThatThrownBy(() -> lane.offer("b")).isInstanceOf(Invariant.Broken.class);
  }

  @Test
  void close_tellsWhatIsUnknownAndWhatIsCertainlyNotSaved() {
    lane.offer("a");
    next();
    lane.offer("b");
    lane.offer("c");
    assertThat(lane.close())
        .containsExactly(
            new Settled<>(Fate.UNKNOWN, List.of("a")),
            new Settled<>(Fate.NOT_SAVED, List.of("b", "c")));
    assertThat(lane.close()).isEmpty();
    assertThat(lane.quiet()).isTrue();
  }

  @Test
  void answer_withoutABatch_isABug() {
    assertThatThrownBy(() -> lane.answered(Answer.ACCEPTED)).isInstanceOf(Invariant.Broken.class);
  }
}
