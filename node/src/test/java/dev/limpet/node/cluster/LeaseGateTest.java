package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.home.Gate;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When turns may begin: by the lease, and by two clocks that must agree. */
class LeaseGateTest {
  private static final long MS = 1_000_000;
  private static final long LEASE = 3_000 * MS;

  private final AtomicLong monotonic = new AtomicLong(-5_000 * MS);
  private final AtomicLong wall = new AtomicLong(1_700_000_000_000L);
  private final AtomicInteger jumps = new AtomicInteger();
  private final LeaseGate gate = new LeaseGate(jumps::incrementAndGet, monotonic::get, wall::get);

  private void pass(long millis) {
    monotonic.addAndGet(millis * MS);
    wall.addAndGet(millis);
  }

  /** A lease that was just renewed. */
  private void renewed() {
    gate.tick(monotonic.get());
    gate.until(monotonic.get() + LEASE, "lapsed");
  }

  @Test
  void turn_underALease_beginsAtATimeThatIsAtMostTwoMillisecondsAhead() {
    renewed();
    for (int i = 0; i < 2_990; i++) {
      monotonic.addAndGet(MS);
      wall.addAndGet(1);
      assertThat(gate.openNow()).isBetween(monotonic.get(), monotonic.get() + 2 * MS);
    }
    pass(10);
    assertThat(gate.openNow()).as("its end").isEqualTo(Gate.SHUT);
    assertThat(jumps).hasValue(0);
  }

  @Test
  void turn_withoutALease_doesNotBegin() {
    gate.tick(monotonic.get());
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
  }

  @Test
  void machineThatWasSuspended_beginsNoTurn_thoughItsMonotonicClockStoodStill() {
    renewed();
    pass(20);
    wall.addAndGet(10_000);
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
    assertThat(jumps).as("it was noticed").hasValue(1);
  }

  @Test
  void wallClockThatIsSetBackFar_beginsNoTurnUntilTheClocksAgreeAnew() {
    renewed();
    pass(20);
    wall.addAndGet(-3_600_000);
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
    assertThat(jumps).hasValue(1);
    gate.agree();
    assertThat(gate.openNow()).isBetween(monotonic.get(), monotonic.get() + 2 * MS);
  }

  @Test
  void wallClockThatIsSetBackALittle_isNotBelieved() {
    renewed();
    pass(20);
    wall.addAndGet(-100);
    assertThat(gate.openNow()).isEqualTo(monotonic.get());
    pass(2_985);
    assertThat(gate.openNow()).as("the lease has ended").isEqualTo(Gate.SHUT);
  }

  @Test
  void wallClockAlone_isNotBelievedForLongAfterATick() {
    renewed();
    pass(900);
    wall.addAndGet(-50);
    long now = gate.openNow();
    assertThat(now).isLessThan(monotonic.get());
    pass(150);
    assertThat(gate.openNow()).isEqualTo(monotonic.get());
  }

  @Test
  void slowCorrectionsOfTheWallClock_doNotAddUp() {
    renewed();
    for (int i = 0; i < 20; i++) {
      pass(25);
      wall.addAndGet(10);
      gate.tick(monotonic.get());
      assertThat(gate.openNow()).isBetween(monotonic.get(), monotonic.get() + 2 * MS);
    }
  }

  @Test
  void gateThatIsShutByAPause_opensSoon_forTheTimeThatARenewalMayTake_andNoLonger() {
    gate.opensBy(1_000 * MS);
    gate.until(Long.MIN_VALUE, "paused");
    assertThat(gate.opensSoon(999 * MS)).isTrue();
    assertThat(gate.opensSoon(1_000 * MS)).isFalse();
  }

  @Test
  void gateThatIsShutForAnotherReason_orOpen_doesNotOpenSoon() {
    gate.until(500 * MS, "unused");
    assertThat(gate.opensSoon(600 * MS)).as("lapsed").isFalse();
    gate.opensBy(1_000 * MS);
    assertThat(gate.opensSoon(400 * MS)).as("open").isFalse();
    gate.opensBy(Long.MIN_VALUE);
    gate.until(Long.MIN_VALUE, "the registration has ended");
    assertThat(gate.opensSoon(400 * MS)).as("ended").isFalse();
  }
}
