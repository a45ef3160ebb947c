package dev.limpet.core.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a failing process is held back, made anew, and forgiven. */
class FailingTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;

  /** Anywhere, also where the clock overflows. */
  private static final long START = Math.subtractExact(Long.MAX_VALUE, SECOND);

  private final Failing failing = new Failing(Patience.DEFAULT);
  private long turn;

  private void turnsFail(int count, long at) {
    for (int i = 0; i < count; i++) {
      failing.turnFailed(++turn, at, "turn " + turn);
    }
  }

  @Test
  void pause_afterEachFailure_doublesFrom100MillisTo30Seconds() {
    long[] millis = new long[12];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = Patience.DEFAULT.pauseAfter(i + 1) / MILLI;
    }
    assertThat(millis)
        .containsExactly(
            100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000);
    assertThat(Patience.DEFAULT.pauseAfter(Integer.MAX_VALUE)).isEqualTo(30 * SECOND);
  }

  @Test
  void activation_thatFailed_isHeldBackUntilThePauseIsOver() {
    assertThat(failing.mayActivate(START)).isTrue();
    failing.activationFailed(++turn, START, "no mailer");
    assertThat(failing.mayActivate(START)).isFalse();
    assertThat(failing.heldNanos(START)).isEqualTo(100 * MILLI);
    assertThat(failing.mayActivate(START + 100 * MILLI - 1)).isFalse();
    assertThat(failing.mayActivate(START + 100 * MILLI)).isTrue();
    assertThat(failing.isFailing()).isTrue();
    assertThat(failing.cause()).isEqualTo("no mailer");
  }

  @Test
  void activation_thatGoesOnFailing_isTriedMoreAndMoreRarely() {
    long now = START;
    int attempts = 0;
    for (long end = now + 3_600 * SECOND; now - end < 0; now += 10 * MILLI) {
      if (failing.mayActivate(now)) {
        attempts++;
        failing.activationFailed(++turn, now, "still");
      }
    }
    // Nine pauses that double take 51.1 s; what is left is one attempt each 30 s.
    assertThat(attempts).isBetween(120, 130);
    assertThat(failing.inARow()).isEqualTo(attempts);
    assertThat(failing.sinceNanos()).isEqualTo(START);
  }

  @Test
  void activation_thatWasHinderedByOthers_isPausedButNeverForLonger() {
    for (int i = 0; i < 20; i++) {
      failing.activationHindered(++turn, START + i * SECOND, "the store is away");
      assertThat(failing.heldNanos(START + i * SECOND)).isEqualTo(100 * MILLI);
    }
    failing.activationFailed(++turn, START + 20 * SECOND, "its own fault");
    assertThat(failing.heldNanos(START + 20 * SECOND)).isEqualTo(100 * MILLI);
  }

  @Test
  void activation_thatSucceeds_isForgiven() {
    failing.activationFailed(++turn, START, "no mailer");
    failing.activated(++turn);
    assertThat(failing.isOver()).isTrue();
    assertThat(failing.isFailing()).isFalse();
    assertThat(failing.heldNanos(START)).isZero();
    failing.activationFailed(++turn, START + SECOND, "again");
    assertThat(failing.heldNanos(START + SECOND)).as("from the start").isEqualTo(100 * MILLI);
  }

  @Test
  void turns_thatThrowTenTimesInARow_areFailingAndAReasonToRestart() {
    turnsFail(9, START);
    assertThat(failing.isFailing()).isFalse();
    assertThat(failing.restartDue(START)).isFalse();
    turnsFail(1, START);
    assertThat(failing.isFailing()).isTrue();
    assertThat(failing.restartDue(START)).isTrue();
    assertThat(failing.mayActivate(START)).as("never held back").isTrue();
  }

  @Test
  void turn_thatEndsWell_isToldByItsNumber() {
    turnsFail(3, START);
    assertThat(failing.endedWell(turn)).as("the one that failed").isFalse();
    assertThat(failing.endedWell(turn + 1)).isTrue();
    failing.activated(turn + 1);
    assertThat(failing.endedWell(turn + 1)).as("an activation is no turn").isFalse();
    assertThat(failing.endedWell(turn + 2)).isTrue();
  }

  @Test
  void turn_thatThrowsLongAfterTheOneBefore_beginsARow() {
    turnsFail(9, START);
    turnsFail(1, START + 60 * SECOND + 1);
    assertThat(failing.inARow()).isEqualTo(1);
    assertThat(failing.restartDue(START + 61 * SECOND)).isFalse();
    assertThat(failing.sinceNanos()).isEqualTo(START + 60 * SECOND + 1);
  }

  @Test
  void restart_thatCuresNothing_isRepeatedAfterTenMoreTurnsAndAGrowingPause() {
    turnsFail(10, START);
    failing.restarted(START);
    turnsFail(9, START + SECOND);
    assertThat(failing.restartDue(START + SECOND)).isFalse();
    turnsFail(1, START + SECOND);
    assertThat(failing.restartDue(START + 100 * MILLI - 1)).as("within the pause").isFalse();
    assertThat(failing.restartDue(START + SECOND)).isTrue();
    failing.restarted(START + SECOND);
    turnsFail(1_000, START + SECOND + 199 * MILLI);
    assertThat(failing.restartDue(START + SECOND + 199 * MILLI)).isFalse();
    assertThat(failing.restartDue(START + SECOND + 200 * MILLI)).isTrue();
    assertThat(failing.restarts()).isEqualTo(2);
  }

  @Test
  void constructor_thatFailsAfterARestart_isHeldBackAndTheRowIsRemembered() {
    turnsFail(10, START);
    failing.restarted(START);
    failing.activationFailed(++turn, START, "no mailer");
    assertThat(failing.mayActivate(START)).isFalse();
    failing.activated(++turn);
    assertThat(failing.isOver()).isFalse();
    assertThat(failing.isFailing()).isTrue();
    assertThat(failing.inARow()).isEqualTo(10);
  }
}
