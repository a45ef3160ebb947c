package dev.limpet.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.network.BadNetwork.Direction;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShapesTest {
  @Test
  void between_cutsTheGroupsApart_andNothingWithin() {
    Set<Direction> cut = Shapes.between(5, node -> node <= 2);
    assertThat(cut).hasSize(12).contains(new Direction(1, 3), new Direction(5, 2));
    assertThat(cut).doesNotContain(new Direction(1, 2), new Direction(3, 4));
  }

  @Test
  void oneWay_leavesTheOtherWay() {
    assertThat(Shapes.from(3, 2))
        .containsExactlyInAnyOrder(new Direction(2, 1), new Direction(2, 3));
    assertThat(Shapes.to(3, 2)).containsExactlyInAnyOrder(new Direction(1, 2), new Direction(3, 2));
  }

  @Test
  void ring_leavesEachNodeTwoNeighbours() {
    Set<Direction> cut = Shapes.acrossRing(5);
    for (int node = 1; node <= 5; node++) {
      int from = node;
      assertThat(cut.stream().filter(each -> each.from() == from)).hasSize(2);
    }
    assertThat(cut)
        .contains(new Direction(1, 3), new Direction(4, 1))
        .doesNotContain(new Direction(1, 2), new Direction(1, 5));
  }
}
