package dev.limpet.cli.chaos;

import static dev.limpet.cli.chaos.Told.done;
import static dev.limpet.cli.chaos.Told.notRun;
import static dev.limpet.cli.chaos.Told.once;
import static dev.limpet.cli.chaos.Told.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.chaos.Operation.Action;
import dev.limpet.cli.chaos.Operation.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class CounterCheckTest {
  private static Operation add(long from, long to, long value) {
    return done(from, to, Action.ADD, 1, value);
  }

  private static Operation get(long from, long to, long value) {
    return done(from, to, Action.GET, 0, value);
  }

  private static List<String> check(Operation... operations) {
    return CounterCheck.check(List.of(operations));
  }

  @Test
  void addsThatOverlap_inAnyOrder_areFine() {
    assertThat(check(add(0, 10, 2), add(1, 9, 1), get(2, 3, 0), get(11, 12, 2))).isEmpty();
  }

  @Test
  void addsOfUnknownOutcome_mayCountOrNot() {
    assertThat(check(add(0, 1, 1), unknown(2, 3, Action.ADD, 1), get(4, 5, 1))).isEmpty();
    assertThat(check(add(0, 1, 1), unknown(2, 3, Action.ADD, 1), get(4, 5, 2))).isEmpty();
  }

  @Test
  void lostAdd_isFound() {
    assertThat(check(add(0, 1, 1), add(2, 3, 2), get(4, 5, 1)))
        .anyMatch(finding -> finding.contains("acknowledged adds are lost"));
  }

  @Test
  void doubledAdd_isFound() {
    assertThat(check(add(0, 1, 1), get(4, 5, 2)))
        .anyMatch(finding -> finding.contains("adds ran twice"));
  }

  @Test
  void addThatWasToldNotToHaveRun_andRan_isFound() {
    assertThat(check(notRun(0, 1, Action.ADD, 1), get(2, 3, 1)))
        .anyMatch(finding -> finding.contains("adds ran twice"));
  }

  @Test
  void valueToldTwice_isFound() {
    assertThat(check(add(0, 5, 1), add(1, 6, 1))).contains("two adds were told 1");
  }

  @Test
  void staleRead_hiddenByAnUnknownAdd_isFound() {
    assertThat(check(unknown(0, 1, Action.ADD, 1), get(2, 3, 1), get(4, 5, 0)))
        .contains("somebody was told 0 after somebody had been told 1");
  }

  @Test
  void repeatWithTheSameKey_toldTheSame_isOneCall() {
    assertThat(
            check(
                once(0, 1, "k", Outcome.UNKNOWN, 0),
                once(2, 3, "k", Outcome.DONE, 1),
                add(4, 5, 2),
                once(6, 7, "k", Outcome.DONE, 1),
                get(8, 9, 2)))
        .isEmpty();
  }

  @Test
  void repeatWithTheSameKey_thatRanAgain_isFound() {
    assertThat(check(once(0, 1, "k", Outcome.DONE, 1), once(2, 3, "k", Outcome.DONE, 2)))
        .anyMatch(finding -> finding.contains("idempotency key k was told [1, 2]"));
  }

  @Test
  void repeatWithTheSameKey_thatRanUnseen_isFound() {
    assertThat(
            check(
                once(0, 1, "k", Outcome.UNKNOWN, 0),
                once(2, 3, "k", Outcome.DONE, 1),
                get(4, 5, 2)))
        .anyMatch(finding -> finding.contains("adds ran twice"));
  }
}
