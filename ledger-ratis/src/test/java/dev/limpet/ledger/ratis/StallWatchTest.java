package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StallWatchTest {
  private static final long MS = 1_000_000;
  private final StallWatch watch = new StallWatch(1_400 * MS);

  private boolean stalledBetween(long fromMs, long toMs, long commit, long oldestMs) {
    boolean stalled = false;
    for (long ms = fromMs; ms <= toMs; ms += 50) {
      stalled |= watch.stalled(ms * MS, commit, oldestMs * MS);
    }
    return stalled;
  }

  @Test
  void waitingEntry_andNoCommit_isAStall() {
    assertThat(stalledBetween(50, 1_400, 7, 1_500)).isFalse();
    assertThat(stalledBetween(1_450, 1_600, 7, 1_500)).isTrue();
  }

  @Test
  void idleLeader_isNotStalled() {
    assertThat(stalledBetween(50, 10_000, 7, 0)).isFalse();
  }

  @Test
  void movingCommit_isNotAStall_howeverLongTheOldestWaits() {
    boolean stalled = false;
    for (long ms = 50; ms <= 10_000; ms += 50) {
      stalled |= watch.stalled(ms * MS, ms / 500, 5_000 * MS);
    }
    assertThat(stalled).isFalse();
  }

  @Test
  void ownPause_grantsAFullWait() {
    assertThat(stalledBetween(50, 200, 7, 100)).isFalse();
    assertThat(stalledBetween(60_000, 61_300, 7, 60_000)).isFalse();
    assertThat(stalledBetween(61_350, 61_600, 7, 61_000)).isTrue();
  }
}
