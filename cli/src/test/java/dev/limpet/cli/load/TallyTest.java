package dev.limpet.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
  private static Tally told(long... values) {
    Tally tally = new Tally();
    for (long value : values) {
      tally.acknowledged(value);
    }
    return tally;
  }

  @Test
  void valueOfAllAcknowledged_isGood() {
    Tally.Verdict verdict = told(1, 2, 3).verdict(3);
    assertThat(verdict).isEqualTo(new Tally.Verdict(1, 3, 0, 0, 0, 0, 0));
    assertThat(verdict.good()).isTrue();
  }

  @Test
  void valueBelow_isLoss() {
    Tally.Verdict verdict = told(1, 2, 3).verdict(1);
    assertThat(verdict.lost()).isEqualTo(2);
    assertThat(verdict.good()).isFalse();
  }

  @Test
  void valueAboveAllThatMayHaveRun_isDoubling() {
    Tally tally = told(1, 2, 4);
    tally.unknown();
    assertThat(tally.verdict(4).good()).isTrue();
    assertThat(tally.verdict(5).doubled()).isEqualTo(1);
    assertThat(tally.verdict(5).good()).isFalse();
  }

  @Test
  void withoutUnknownCalls_theValueMustBeExact() {
    assertThat(told(1, 2).verdict(3).doubled()).isEqualTo(1);
  }

  @Test
  void unknownCallsThatRan_areReadOffTheValue() {
    Tally tally = told(1, 3, 5);
    tally.unknown();
    tally.unknown();
    tally.unknown();
    assertThat(tally.verdict(5).unknownRan()).isEqualTo(2);
    assertThat(tally.verdict(5).good()).isTrue();
  }

  /** Two copies that both served 2: one of them was lost, and a call of unknown outcome hides it from the sum. */
  @Test
  void valueToldTwice_isFoundThoughTheSumIsRight() {
    Tally tally = told(1, 2, 2);
    tally.unknown();
    assertThat(tally.verdict(3).lost()).isZero();
    assertThat(tally.verdict(3).doubled()).isZero();
    assertThat(tally.verdict(3).toldTwice()).isEqualTo(1);
    assertThat(tally.verdict(3).good()).isFalse();
  }

  @Test
  void valueToldThatTheEndDoesNotReach_isLoss() {
    assertThat(told(1, 5).verdict(3).good()).isFalse();
  }

  @Test
  void verdicts_addUp() {
    Tally.Verdict sum = told(1).verdict(0).plus(told(1, 2).verdict(3));
    assertThat(sum).isEqualTo(new Tally.Verdict(2, 3, 1, 1, 0, 0, 0));
  }
}
