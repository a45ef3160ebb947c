package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Leadership;
import org.junit.jupiter.api.Test;

class MisplacedTest {
  private static final long S = 1_000_000_000L;
  private final Misplaced misplaced = new Misplaced();
  private final Leadership here = new Leadership(3, "n1", true);
  private final Leadership hereAgain = new Leadership(4, "n1", true);
  private final Leadership elsewhere = new Leadership(5, "n2", false);

  private boolean givesUp(long second, Leadership now, boolean votesBeside) {
    return misplaced.givesUp(second * S, now, votesBeside);
  }

  @Test
  void leaderWithNoVoteBeside_givesUpAfterTenSeconds_andAgainIfThatWasInVain() {
    assertThat(givesUp(1, here, false)).isFalse();
    assertThat(givesUp(10, here, false)).isFalse();
    assertThat(givesUp(11, here, false)).isTrue();
    assertThat(givesUp(20, here, false)).isFalse();
    assertThat(givesUp(21, here, false)).isTrue();
  }

  @Test
  void newTerm_orAVoteMeanwhile_startsTheWaitAfresh() {
    assertThat(givesUp(1, here, false)).isFalse();
    assertThat(givesUp(9, hereAgain, false)).isFalse();
    assertThat(givesUp(11, hereAgain, false)).isFalse();
    assertThat(givesUp(15, hereAgain, true)).isFalse();
    assertThat(givesUp(16, hereAgain, false)).isFalse();
    assertThat(givesUp(25, hereAgain, false)).isFalse();
    assertThat(givesUp(26, hereAgain, false)).isTrue();
  }

  @Test
  void whoDoesNotLead_orVotesBeside_keepsItsPlace() {
    assertThat(givesUp(1, elsewhere, false)).isFalse();
    assertThat(givesUp(30, elsewhere, false)).isFalse();
    assertThat(givesUp(31, here, true)).isFalse();
    assertThat(givesUp(60, here, true)).isFalse();
  }
}
