package dev.limpet.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GapsTest {
  private final Gaps gaps = new Gaps(50);

  @Test
  void longestGap_isThatOfTheWorstKey() {
    gaps.success("a", 100);
    gaps.success("b", 100);
    gaps.success("a", 300);
    gaps.success("b", 900);
    gaps.end(1_000);
    assertThat(gaps.longestSince(0, 1_000)).isEqualTo(800);
    assertThat(gaps.keysWithGap(700, 0, 1_000)).isEqualTo(2);
    assertThat(gaps.keysWithGap(701, 0, 1_000)).isEqualTo(1);
  }

  @Test
  void keyThatNeverCameBack_hasAGapUntilTheEnd() {
    gaps.success("a", 100);
    gaps.end(5_100);
    assertThat(gaps.longestSince(0, 1_000)).isEqualTo(5_000);
  }

  @Test
  void gapThatHasNotEnded_counts() {
    gaps.success("a", 100);
    assertThat(gaps.longestSince(0, 700)).isEqualTo(600);
    assertThat(gaps.keysWithGap(600, 0, 700)).isEqualTo(1);
  }

  @Test
  void gapThatEndedBefore_doesNotCount() {
    gaps.success("a", 0);
    gaps.success("a", 1_000);
    gaps.success("a", 1_060);
    assertThat(gaps.longestSince(1_000, 1_070)).isEqualTo(60);
  }
}
