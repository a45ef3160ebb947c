package dev.limpet.cli.chaos;

import static dev.limpet.cli.chaos.Told.under;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EpochCheckTest {
  @Test
  void epochsThatGoForth_withOneHomeEach_areFine() {
    assertThat(
            EpochCheck.check(
                List.of(under(0, 1, "n1", 3), under(2, 9, "n1", 3), under(3, 4, "n2", 5))))
        .isEmpty();
  }

  @Test
  void epochThatGoesBack_inRealTime_isFound() {
    assertThat(EpochCheck.check(List.of(under(0, 1, "n2", 5), under(2, 3, "n1", 3))))
        .containsExactly("n1 answered under epoch 3, after n2 had answered under epoch 5");
  }

  @Test
  void twoHomesUnderOneEpoch_areFound() {
    assertThat(EpochCheck.check(List.of(under(0, 5, "n2", 5), under(1, 3, "n1", 5))))
        .containsExactly("n2 and n1 both answered under epoch 5");
  }

  @Test
  void answerWithoutAnEpoch_isFound() {
    assertThat(EpochCheck.check(List.of(under(0, 1, "", 0))))
        .contains("an answer without an epoch");
  }
}
