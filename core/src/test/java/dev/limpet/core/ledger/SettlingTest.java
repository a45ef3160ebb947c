package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SettlingTest {
  private static final long S = 1_000_000_000;

  private final Settling settling = new Settling(S, 300 * S);

  @Test
  void nodeThatNeverExpired_staysTheBase() {
    assertThat(settling.stayNanos("n1", 7)).isEqualTo(S);
  }

  @Test
  void nodeThatExpiresAgainAndAgain_staysTwiceAsLongEachTimeUpToABound() {
    for (long wanted : new long[] {1, 2, 4, 8, 16, 32, 64, 64, 64}) {
      settling.expired("n1", 7);
      assertThat(settling.stayNanos("n1", 8)).isEqualTo(wanted * S);
    }
    assertThat(settling.stayNanos("n2", 8)).as("another node").isEqualTo(S);
  }

  @Test
  void expiriesOfLongAgo_areForgotten() {
    for (int i = 0; i < 4; i++) {
      settling.expired("n1", 7);
    }
    assertThat(settling.stayNanos("n1", 7 + 300 * S)).isEqualTo(8 * S);
    assertThat(settling.stayNanos("n1", 8 + 300 * S)).isEqualTo(S);
    settling.expired("n1", 8 + 300 * S);
    assertThat(settling.stayNanos("n1", 9 + 300 * S)).isEqualTo(S);
  }
}
