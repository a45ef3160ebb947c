package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ledger.ratis.Chains.Change;
import org.junit.jupiter.api.Test;

/** The checker finds what it is there to find. */
class ChainsTest {
  private final Chains chains = new Chains();

  @Test
  void oneChain_withAnUnknownLink_isCorrect() {
    chains.add(new Change("-", "a", true, 1));
    chains.add(new Change("a", "b", false, 0));
    chains.add(new Change("b", "c", true, 3));
    chains.add(new Change("b", "d", false, 0));
    assertThat(chains.faults("c")).isEmpty();
  }

  @Test
  void twoAcknowledgedChangesOfOneValue_areFound() {
    chains.add(new Change("-", "a", true, 1));
    chains.add(new Change("-", "b", true, 2));
    assertThat(chains.faults("b")).isNotEmpty();
  }

  @Test
  void acknowledgedButLostChange_isFound() {
    chains.add(new Change("-", "a", true, 1));
    chains.add(new Change("a", "b", true, 2));
    assertThat(chains.faults("a")).hasSize(1);
  }
}
