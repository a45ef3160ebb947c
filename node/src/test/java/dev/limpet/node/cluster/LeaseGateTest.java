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

  /** What happens just after the next look at the wall clock. */
  private Runnable afterLook = () -> {};

  private final LeaseGate gate =
      new LeaseGate(jumps::incrementAndGet, monotonic::get, this::lookAtTheWall);

  private long lookAtTheWall() {
    long now = wall.get();
    Runnable next = afterLook;
    afterLook = () -> {};
    next.run();
    return now;
  }

  private void pass(long millis) {
    monotonic.addAndGet(millis * MS);
    wall.addAndGet(millis);
  }

  /** A lease that was just renewed. */
  private void renewed() {
    assertThat(gate.tick(monotonic.get())).isTrue();
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
  void suspension_thatTheLeaseOutlasts_isNoticedAllTheSame() {
    renewed();
    pass(20);
    wall.addAndGet(251);
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
    assertThat(jumps).hasValue(1);
  }

  @Test
  void tick_afterASuspension_doesNotHideIt() {
    renewed();
    wall.addAndGet(10_000);
    assertThat(gate.tick(monotonic.get())).isFalse();
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
  }

  @Test
  void suspension_inTheMiddleOfATick_isNotTakenForWhatAlwaysWasBetweenTheClocks() {
    renewed();
    afterLook = () -> wall.addAndGet(10_000);
    assertThat(gate.tick(monotonic.get())).as("the clocks agreed when it looked").isTrue();
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
  }

  @Test
  void wallClockThatIsSetBackFar_beginsNoTurnUntilTheClocksAgreeAnew() {
    renewed();
    pass(20);
    wall.addAndGet(-3_600_000);
    assertThat(gate.openNow()).isEqualTo(Gate.SHUT);
    assertThat(jumps).hasValue(1);
    gate.agree();
    assertThat(gate.openNow()).as("the lease is one from before").isEqualTo(Gate.SHUT);
    renewed();
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
    pass(200);
    wall.addAndGet(-50);
    long now = gate.openNow();
    assertThat(now).isLessThan(monotonic.get());
    pass(100);
    assertThat(gate.openNow()).isEqualTo(monotonic.get());
  }

  @Test
  void slowCorrectionsOfTheWallClock_doNotAddUp() {
    renewed();
    for (int i = 0; i < 20; i++) {
      pass(25);
      wall.addAndGet(10);
      assertThat(gate.tick(monotonic.get())).isTrue();
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
