package dev.limpet.core.fence;

import static dev.limpet.core.fence.Fence.PartDecision.ACCEPTED;
import static dev.limpet.core.fence.Fence.PartDecision.ALREADY_APPLIED;
import static dev.limpet.core.fence.Fence.PartDecision.FENCED;
import static dev.limpet.core.fence.Fence.PartDecision.GAP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.fence.Fence.ClaimDecision.Granted;
import dev.limpet.core.fence.Fence.ClaimDecision.Refused;
import dev.limpet.core.fence.Fence.Earlier;
import dev.limpet.core.fence.Fence.Former;
import dev.limpet.core.fence.Fence.PartDecision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FenceTest {
  /** Epoch 7, claim 3 of owner 40, five commits saved; claim 2 before it saved nine. */
  private static final Fence STANDING =
      new Fence(7, 3, 40, 5, List.of(new Earlier(2, 9)), new Former(4, 2, 6));

  @ParameterizedTest
  @CsvSource({
    // epoch, number, owner: each differs from the standing claim in one way
    "7, 2, 40",
    "7, 1, 40",
    "6, 3, 40",
    "6, 4, 40",
    "6, 9, 41",
    "1, 1, 40",
    "7, 3, 41",
    "7, 3, 39",
    "7, 4, 41",
  })
  void claim_belowFenceOrOfAnotherOwnerInTheEpoch_isRefused(long epoch, long number, long owner) {
    assertThat(STANDING.claim(epoch, number, owner)).isEqualTo(new Refused(STANDING));
  }

  @Test
  void claim_repeated_isGrantedAgainAndKeepsTheSequence() {
    assertThat(STANDING.claim(7, 3, 40)).isEqualTo(new Granted(STANDING));
  }

  @Test
  void claim_higherInTheEpoch_startsAtZeroAndRemembersTheEarlier() {
    assertThat(STANDING.claim(7, 4, 40))
        .isEqualTo(
            new Granted(
                new Fence(
                    7,
                    4,
                    40,
                    0,
                    List.of(new Earlier(3, 5), new Earlier(2, 9)),
                    new Former(4, 2, 6))));
  }

  @Test
  void claim_numbersSkipped_isGranted() {
    assertThat(granted(STANDING, 7, 90, 40).earlier())
        .containsExactly(new Earlier(3, 5), new Earlier(2, 9));
  }

  @ParameterizedTest
  @CsvSource({"8, 1, 40", "8, 1, 41", "8, 3, 40", "8, 9, 1", "100, 1, 40"})
  void claim_higherEpoch_remembersOfTheEpochBeforeHowItEnded(long epoch, long number, long owner) {
    assertThat(STANDING.claim(epoch, number, owner))
        .isEqualTo(new Granted(new Fence(epoch, number, owner, 0, List.of(), new Former(7, 3, 5))));
  }

  @Test
  void claim_ofNothing_isAnError() {
    assertThatThrownBy(() -> Fence.NONE.claim(0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fence.NONE.claim(1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fence.NONE.claim(-1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    // epoch, claim, sequence, decision
    "7, 3, 6, ACCEPTED",
    "7, 3, 5, ALREADY_APPLIED",
    "7, 3, 1, ALREADY_APPLIED",
    "7, 3, 7, GAP",
    "7, 3, 9223372036854775807, GAP",
    "7, 2, 6, FENCED",
    "7, 2, 9, FENCED",
    "7, 2, 10, FENCED",
    "7, 4, 6, FENCED",
    "7, 4, 1, FENCED",
    "6, 3, 6, FENCED",
    "6, 9, 1, FENCED",
    "8, 3, 6, FENCED",
    "8, 1, 1, FENCED",
    "0, 0, 1, FENCED",
  })
  void part_againstTheStandingClaim(long epoch, long claim, long sequence, PartDecision expected) {
    assertThat(STANDING.part(epoch, claim, sequence)).isEqualTo(expected);
  }

  @Test
  void part_beforeAnyClaim_isFenced() {
    assertThat(Fence.NONE.part(0, 0, 1)).isEqualTo(FENCED);
    assertThat(Fence.NONE.part(1, 1, 1)).isEqualTo(FENCED);
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "-9223372036854775808"})
  void part_sequenceBelowOne_isAnErrorAndNeverAlreadyApplied(long sequence) {
    assertThatThrownBy(() -> STANDING.part(7, 3, sequence))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void accepted_movesTheSequenceByOneAndNothingElse() {
    assertThat(STANDING.accepted())
        .isEqualTo(new Fence(7, 3, 40, 6, List.of(new Earlier(2, 9)), new Former(4, 2, 6)));
  }

  @Test
  void sequence_ofAFreshClaim_startsAtOne() {
    Fence fresh = granted(Fence.NONE, 1, 1, 5);
    assertThat(fresh.part(1, 1, 2)).isEqualTo(GAP);
    assertThat(fresh.part(1, 1, 1)).isEqualTo(ACCEPTED);
    assertThat(fresh.accepted().part(1, 1, 1)).isEqualTo(ALREADY_APPLIED);
  }

  @Test
  void lastSequenceOf_answersByNumberOnly() {
    Fence next = granted(STANDING, 7, 8, 40);
    assertThat(next.lastSequenceOf(3)).hasValue(5);
    assertThat(next.lastSequenceOf(2)).hasValue(9);
    assertThat(next.lastSequenceOf(1)).isEmpty();
    assertThat(next.lastSequenceOf(8)).isEmpty();
  }

  @Test
  void earlier_isBoundedAndKeepsTheNewest() {
    Fence fence = granted(Fence.NONE, 1, 1, 5);
    List<Earlier> expected = new ArrayList<>();
    for (int number = 1; number <= 20; number++) {
      fence = granted(fence, 1, number, 5);
      for (int i = 0; i < number; i++) {
        fence = fence.accepted();
      }
      expected.addFirst(new Earlier(number, number));
    }
    assertThat(fence.earlier()).isEqualTo(expected.subList(1, 1 + Fence.EARLIER_MAX));
    assertThat(Fence.EARLIER_MAX).isGreaterThanOrEqualTo(4);
  }

  private static Fence granted(Fence fence, long epoch, long number, long owner) {
    return ((Granted) fence.claim(epoch, number, owner)).next();
  }
}
