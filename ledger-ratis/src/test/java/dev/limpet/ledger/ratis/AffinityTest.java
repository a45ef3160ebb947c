package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Leadership;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final long S = 1_000_000_000L;
  private final Affinity affinity = new Affinity();
  private final Leadership ledgerAtN2 = new Leadership(3, "n2", false);
  private final Leadership ledgerAtN3 = new Leadership(4, "n3", false);
  private final Leadership storeHere = new Leadership(5, "n1", true);

  @Test
  void stableForTenSeconds_movesOnce_thenBacksOff() {
    assertThat(moveTo(1, ledgerAtN2)).isNull();
    assertThat(moveTo(10, ledgerAtN2)).isNull();
    assertThat(moveTo(11, ledgerAtN2)).isEqualTo("n2");
    assertThat(moveTo(20, ledgerAtN2)).isNull();
    assertThat(moveTo(21, ledgerAtN2)).isEqualTo("n2");
    assertThat(moveTo(40, ledgerAtN2)).isNull();
    assertThat(moveTo(41, ledgerAtN2)).isEqualTo("n2");
  }

  @Test
  void groupThatIsHardlyUsed_followsAfterASecond() {
    assertThat(affinity.moveTo(1 * S, ledgerAtN2, storeHere, true, true)).isNull();
    assertThat(affinity.moveTo(2 * S, ledgerAtN2, storeHere, true, false)).isNull();
    assertThat(affinity.moveTo(2 * S, ledgerAtN2, storeHere, true, true)).isEqualTo("n2");
    assertThat(affinity.moveTo(11 * S, ledgerAtN2, storeHere, true, true)).isNull();
    assertThat(affinity.moveTo(12 * S, ledgerAtN2, storeHere, true, true)).isEqualTo("n2");
  }

  @Test
  void anyChange_startsTheWaitAfresh() {
    assertThat(moveTo(1, ledgerAtN2)).isNull();
    assertThat(moveTo(11, ledgerAtN3)).isNull();
    assertThat(moveTo(20, ledgerAtN3)).isNull();
    assertThat(moveTo(21, ledgerAtN3)).isEqualTo("n3");
  }

  @Test
  void leaderThatDoesNotAnswer_startsTheWaitAfresh() {
    assertThat(moveTo(1, ledgerAtN2)).isNull();
    assertThat(affinity.moveTo(11 * S, ledgerAtN2, storeHere, false, false)).isNull();
    assertThat(moveTo(20, ledgerAtN2)).isNull();
    assertThat(moveTo(21, ledgerAtN2)).isEqualTo("n2");
  }

  @Test
  void whoDoesNotLead_orHasNobodyToFollow_leavesThingsAlone() {
    var storeAtN3 = new Leadership(5, "n3", false);
    assertThat(affinity.moveTo(1 * S, ledgerAtN2, storeAtN3, true, false)).isNull();
    assertThat(affinity.moveTo(19 * S, ledgerAtN2, storeAtN3, true, false)).isNull();
    assertThat(moveTo(20, Leadership.UNKNOWN)).isNull();
    assertThat(moveTo(39, Leadership.UNKNOWN)).isNull();
  }

  private @Nullable String moveTo(long second, Leadership ledger) {
    return affinity.moveTo(second * S, ledger, storeHere, true, false);
  }
}
