package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Leadership;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final long S = 1_000_000_000L;
  private final Affinity affinity = new Affinity();
  private final Leadership ledgerAtN2 = new Leadership(3, "n2", false);
  private final Leadership storeHere = new Leadership(5, "n1", true);

  @Test
  void stableForTwoSeconds_movesOnce_thenBacksOff() {
    assertThat(affinity.moveTo(1 * S, ledgerAtN2, storeHere)).isNull();
    assertThat(affinity.moveTo(2 * S, ledgerAtN2, storeHere)).isNull();
    assertThat(affinity.moveTo(3 * S, ledgerAtN2, storeHere)).isEqualTo("n2");
    assertThat(affinity.moveTo(4 * S, ledgerAtN2, storeHere)).isNull();
    assertThat(affinity.moveTo(5 * S, ledgerAtN2, storeHere)).isEqualTo("n2");
    assertThat(affinity.moveTo(8 * S, ledgerAtN2, storeHere)).isNull();
    assertThat(affinity.moveTo(9 * S, ledgerAtN2, storeHere)).isEqualTo("n2");
  }

  @Test
  void anyChange_startsTheWaitAfresh() {
    assertThat(affinity.moveTo(1 * S, ledgerAtN2, storeHere)).isNull();
    assertThat(affinity.moveTo(3 * S, new Leadership(4, "n3", false), storeHere)).isNull();
    assertThat(affinity.moveTo(4 * S, new Leadership(4, "n3", false), storeHere)).isNull();
    assertThat(affinity.moveTo(5 * S, new Leadership(4, "n3", false), storeHere)).isEqualTo("n3");
  }

  @Test
  void whoDoesNotLead_orHasNobodyToFollow_leavesThingsAlone() {
    var storeAtN3 = new Leadership(5, "n3", false);
    assertThat(affinity.moveTo(1 * S, ledgerAtN2, storeAtN3)).isNull();
    assertThat(affinity.moveTo(9 * S, ledgerAtN2, storeAtN3)).isNull();
    assertThat(affinity.moveTo(10 * S, Leadership.UNKNOWN, storeHere)).isNull();
    assertThat(affinity.moveTo(19 * S, Leadership.UNKNOWN, storeHere)).isNull();
  }
}
