package dev.limpet.cli.chaos;

import static dev.limpet.cli.chaos.Told.done;
import static dev.limpet.cli.chaos.Told.exchange;
import static dev.limpet.cli.chaos.Told.notRun;
import static dev.limpet.cli.chaos.Told.unknown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.chaos.Operation.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RegisterCheckTest {
  private static Operation write(long from, long to, long value) {
    return done(from, to, Action.WRITE, value, 0);
  }

  private static Operation read(long from, long to, long value) {
    return done(from, to, Action.READ, 0, value);
  }

  private static List<String> check(Operation... operations) {
    return RegisterCheck.check(List.of(operations));
  }

  @Test
  void oneAfterTheOther_isFine() {
    assertThat(check(read(0, 1, 0), write(2, 3, 7), read(4, 5, 7), exchange(6, 7, 7, 8, 7)))
        .isEmpty();
  }

  @Test
  void readsThatOverlapAWrite_mayTellOldOrNew_butNotNewThenOld() {
    assertThat(check(write(0, 9, 7), read(1, 2, 0), read(3, 4, 7))).isEmpty();
    assertThat(check(write(0, 9, 7), read(1, 2, 7), read(3, 4, 0))).isNotEmpty();
  }

  @Test
  void staleRead_isFound() {
    assertThat(check(write(0, 1, 7), write(2, 3, 8), read(4, 5, 7))).isNotEmpty();
  }

  @Test
  void lostWrite_isFound() {
    assertThat(check(write(0, 1, 7), read(2, 3, 0))).isNotEmpty();
  }

  @Test
  void valueFromNowhere_isFound() {
    assertThat(check(read(0, 1, 99))).isNotEmpty();
    assertThat(check(notRun(0, 1, Action.WRITE, 99), read(2, 3, 99))).isNotEmpty();
  }

  @Test
  void twoExchangesOfOneValue_cannotBothSucceed() {
    assertThat(check(write(0, 1, 7), exchange(2, 9, 7, 8, 7), exchange(3, 8, 7, 9, 7)))
        .isNotEmpty();
    assertThat(check(write(0, 1, 7), exchange(2, 9, 7, 8, 7), exchange(3, 8, 7, 9, 8))).isEmpty();
  }

  @Test
  void writeOfUnknownOutcome_mayTakePlaceLateOrNever() {
    Operation unknown = unknown(0, 1, Action.WRITE, 7);
    assertThat(check(unknown, read(2, 3, 0))).isEmpty();
    assertThat(check(unknown, read(2, 3, 0), read(4, 5, 7))).isEmpty();
    assertThat(check(unknown, read(2, 3, 7), write(4, 5, 8), read(6, 7, 7))).isNotEmpty();
  }

  @Test
  void manyWritesOfUnknownOutcome_doNotMakeTheSearchLong() {
    List<Operation> operations = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      operations.add(unknown(i, i + 1, Action.WRITE, i));
    }
    operations.add(read(500, 501, 17));
    operations.add(read(502, 503, 0));
    assertThat(RegisterCheck.check(operations)).anyMatch(finding -> finding.startsWith("no order"));
  }

  @Test
  void searchThatTakesTooLong_countsAsWrong() {
    assertThat(RegisterCheck.check(List.of(write(0, 1, 7), read(2, 3, 7)), 0))
        .containsExactly("undecided after 0 steps, which counts as wrong");
  }

  @Test
  void historiesOfARealRegister_areFine_andWithOneWrongAnswerAreNot() {
    long seed = System.nanoTime();
    System.err.println("register histories: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      List<Operation> good = run(random);
      assertThat(RegisterCheck.check(good)).as("seed %d, round %d", seed, round).isEmpty();
      List<Operation> bad = new ArrayList<>(good);
      bad.add(read(1_000_000, 1_000_001, 1_000_000));
      assertThat(RegisterCheck.check(bad)).as("seed %d, round %d", seed, round).isNotEmpty();
    }
  }

  /** Each operation takes place at a moment of its own, and its call and return are drawn around that. */
  private static List<Operation> run(Random random) {
    List<Operation> operations = new ArrayList<>();
    long value = 0;
    for (int i = 1; i <= 120; i++) {
      long at = i * 10L;
      long from = at - random.nextInt(25);
      long to = at + random.nextInt(25);
      switch (random.nextInt(3)) {
        case 0 -> {
          operations.add(write(from, to, i));
          value = i;
        }
        case 1 -> {
          long expected = random.nextBoolean() ? value : 0;
          operations.add(exchange(from, to, expected, i, value));
          value = value == expected ? i : value;
        }
        default -> operations.add(read(from, to, value));
      }
    }
    return operations;
  }
}
