package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseGateTest {
  private static final long MS = 1_000_000;

  private final LeaseGate gate = new LeaseGate(() -> {});

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
