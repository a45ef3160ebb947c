package dev.limpet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long BEGAN = -5;

  @Test
  void calls_areDueAtEvenIntervals_whichDoNotDrift() {
    Pace pace = new Pace(BEGAN, 3, 1, 2);
    assertThat(pace.dueNanos(0)).isEqualTo(BEGAN);
    assertThat(pace.dueNanos(1)).isEqualTo(BEGAN + 333_333_333);
    assertThat(pace.dueNanos(2)).isEqualTo(BEGAN + 666_666_666);
    assertThat(pace.dueNanos(3 * 86_400)).isEqualTo(BEGAN + TimeUnit.DAYS.toNanos(1));
  }

  @Test
  void callsOfTheWarmUp_areNotMeasured() {
    Pace pace = new Pace(BEGAN, 10, 2, 3);
    assertThat(pace.calls()).isEqualTo(50);
    assertThat(pace.isMeasured(19)).isFalse();
    assertThat(pace.isMeasured(20)).isTrue();
    assertThat(pace.dueNanos(20)).isEqualTo(pace.measuredFromNanos());
  }
}
