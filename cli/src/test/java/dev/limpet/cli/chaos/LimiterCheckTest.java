package dev.limpet.cli.chaos;

import static dev.limpet.cli.chaos.Told.done;
import static dev.limpet.cli.chaos.Told.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.chaos.Operation.Action;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimiterCheckTest {
  private static Operation acquire(int at, long permits, long remaining) {
    return done(at * 2L, at * 2L + 1, Action.TRY_ACQUIRE, permits, remaining);
  }

  private static List<Operation> allTaken() {
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < LimiterCheck.PERMITS; i++) {
      operations.add(acquire(i, 1, LimiterCheck.PERMITS - 1 - i));
    }
    return operations;
  }

  @Test
  void asManyAsThereAre_andThenDenials_areFine() {
    List<Operation> operations = allTaken();
    operations.add(acquire(200, 1, -1));
    assertThat(LimiterCheck.check(operations)).isEmpty();
  }

  @Test
  void onePermitTooMany_isFound() {
    List<Operation> operations = allTaken();
    operations.add(acquire(200, 1, 0));
    assertThat(LimiterCheck.check(operations))
        .contains("101 permits were given, of 100", "permit 0 was given twice");
  }

  @Test
  void permitGivenTwice_isFound_thoughFewWereTaken() {
    assertThat(LimiterCheck.check(List.of(acquire(0, 2, 98), acquire(1, 1, 99))))
        .contains("permit 99 was given twice");
  }

  @Test
  void denialWithoutAReason_isFound() {
    assertThat(LimiterCheck.check(List.of(acquire(0, 1, 99), acquire(1, 2, -1))))
        .contains("2 permits were denied, though at most 1 were taken");
  }

  @Test
  void denial_becauseOfUnknownAcquisitions_isFine() {
    List<Operation> operations = new ArrayList<>();
    operations.add(unknown(0, 1, Action.TRY_ACQUIRE, 99));
    operations.add(acquire(10, 2, -1));
    assertThat(LimiterCheck.check(operations)).isEmpty();
  }
}
