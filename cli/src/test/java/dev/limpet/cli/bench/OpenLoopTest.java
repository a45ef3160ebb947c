package dev.limpet.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** One caller under a clock of its own: 1,000 calls a second for 10 s, each of which takes 10 us. */
class OpenLoopTest {
  private static final long CALL_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

  private final FakeClock clock = new FakeClock();
  private final Pace pace = new Pace(0, 1_000, 1, 10);
  private final OpenLoop.Seen seen = new OpenLoop.Seen();

  private void keepPace(CallLoad.Target target) {
    OpenLoop.keepPace(pace, new AtomicLong(), new Keys(1, 0), clock, target, seen);
  }

  @Test
  void steadyTarget_isCalledAtTheRate_andLatencyIsServiceTime() {
    keepPace(key -> clock.now += CALL_NANOS);
    assertThat(seen.sinceDue.getTotalCount()).isEqualTo(10_000);
    assertThat(seen.sinceDue.getMaxValue()).isLessThan(2 * CALL_NANOS);
    assertThat(seen.lastEndNanos).isEqualTo(pace.dueNanos(pace.calls() - 1) + CALL_NANOS);
  }

  @Test
  void targetThatStallsOnce_showsInTheLatencyOfAllCallsThatWereDueMeanwhile() {
    AtomicLong calls = new AtomicLong();
    keepPace(key ->
        clock.now += calls.incrementAndGet() == 5_000 ? TimeUnit.SECONDS.toNanos(1) : CALL_NANOS);
    // One call in 10,000 was slow, but a tenth of all were due while the target stood still.
    assertThat(seen.service.getValueAtPercentile(99)).isLessThan(2 * CALL_NANOS);
    assertThat(seen.sinceDue.getValueAtPercentile(99))
        .isBetween(TimeUnit.MILLISECONDS.toNanos(850), TimeUnit.SECONDS.toNanos(1));
    assertThat(seen.sinceDue.getTotalCount()).isEqualTo(10_000);
  }

  @Test
  void targetThatNeverRecovers_isGivenUp_andWhatWasNotBegunCountsWithTheTimeItWaited() {
    keepPace(key -> clock.now += TimeUnit.SECONDS.toNanos(5));
    assertThat(seen.notBegun).isPositive();
    assertThat(seen.sinceDue.getTotalCount()).isEqualTo(10_000);
    assertThat(seen.service.getTotalCount()).isEqualTo(10_000 - seen.notBegun);
    assertThat(seen.sinceDue.getMinValue()).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void failedCalls_areCounted_andTheirLatencyIsNotLeftOut() {
    keepPace(key -> {
      clock.now += CALL_NANOS;
      throw new IllegalStateException("no");
    });
    assertThat(seen.failed).isEqualTo(10_000);
    assertThat(seen.firstFailure).hasMessage("no");
    assertThat(seen.sinceDue.getTotalCount()).isEqualTo(10_000);
  }

  private static final class FakeClock implements OpenLoop.Clock {
    private long now;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void awaitNanos(long nanos) {
      now = Math.max(now, nanos);
    }
  }
}
