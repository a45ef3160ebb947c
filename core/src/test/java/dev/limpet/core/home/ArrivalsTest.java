package dev.limpet.core.home;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.fence.Fence.Former;
import dev.limpet.core.ledger.Placement;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final int SHARD = 3;

  private final Arrivals arrivals = new Arrivals(100);

  private boolean take(long move, long image, String text) {
    return arrivals.take(
        SHARD, move, image, 0, true, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void claim_imageThatTheReleaseNames_isGivenOnce() {
    assertThat(arrivals.take(SHARD, 7, 1, 0, false, new byte[] {1, 2})).isTrue();
    assertThat(arrivals.take(SHARD, 7, 1, 2, true, new byte[] {3})).isTrue();
    assertThat(arrivals.claim(SHARD, 1)).containsExactly(1, 2, 3);
    assertThat(arrivals.claim(SHARD, 1)).isNull();
  }

  @Test
  void claim_otherImageOrIncompleteOne_isNotUsed() {
    take(7, 1, "one");
    assertThat(arrivals.claim(SHARD, 2)).isNull();
    arrivals.take(SHARD, 7, 2, 0, false, new byte[] {1});
    assertThat(arrivals.claim(SHARD, 2)).isNull();
    take(7, 3, "three");
    assertThat(arrivals.claim(SHARD, 0)).isNull();
  }

  @Test
  void take_olderImageComesLate_doesNotReplaceTheLaterOne() {
    assertThat(take(7, 2, "later")).isTrue();
    assertThat(take(7, 1, "late")).isFalse();
    assertThat(take(6, 9, "late")).isFalse();
    assertThat(arrivals.claim(SHARD, 2)).asString().isEqualTo("later");
  }

  @Test
  void take_laterImage_replacesTheEarlierOne() {
    take(7, 1, "first");
    assertThat(take(7, 2, "second")).isTrue();
    assertThat(take(8, 1, "third")).isTrue();
    assertThat(arrivals.claim(SHARD, 1)).asString().isEqualTo("third");
  }

  @Test
  void take_pieceThatDoesNotFollowOrHasNoRoom_isRefused() {
    assertThat(arrivals.take(SHARD, 7, 1, 5, true, new byte[1])).isFalse();
    assertThat(arrivals.take(SHARD, 7, 1, 0, false, new byte[101])).isFalse();
    assertThat(arrivals.take(SHARD, 7, 1, 0, true, new byte[60])).isTrue();
    assertThat(arrivals.take(SHARD + 1, 7, 1, 0, true, new byte[60])).isFalse();
    arrivals.clear();
    assertThat(arrivals.take(SHARD + 1, 7, 1, 0, true, new byte[60])).isTrue();
  }

  @Test
  void placed_noMember_forgetsAll_andEarlyOneIsKept() {
    take(7, 1, "early");
    arrivals.placed(Placement.EMPTY, 5);
    assertThat(arrivals.claim(SHARD, 1)).isNotNull();
    take(7, 1, "early");
    arrivals.placed(Placement.EMPTY, 0);
    assertThat(arrivals.claim(SHARD, 1)).isNull();
  }

  @Test
  void isOf_onlyTheVeryState() {
    assertThat(Arrivals.isOf(new Former(2, 1, 3), new Former(2, 1, 3))).isTrue();
    assertThat(Arrivals.isOf(new Former(2, 1, 3), new Former(2, 1, 4))).isFalse();
    assertThat(Arrivals.isOf(new Former(2, 1, 3), null)).isFalse();
  }
}
