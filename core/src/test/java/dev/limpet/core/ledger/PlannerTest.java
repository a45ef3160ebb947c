package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Command.MoveWish;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private final Ledgers l = Ledgers.formed(12);

  private List<MoveWish> moves(int max) {
    return Planner.moves(l.state.placement(), m -> true, r -> true, max);
  }

  private long registration(String name) {
    return Objects.requireNonNull(l.state.placement().member(name)).registration();
  }

  @Test
  void moves_beforeFormAndWithNobody_areNone() {
    assertThat(Planner.moves(Placement.EMPTY, m -> true, r -> true, 4)).isEmpty();
    assertThat(moves(4)).isEmpty();
  }

  @Test
  void moves_bringShardsHome_butNotToAMemberThatHasNotSettled() {
    l.join("n1");
    long n2 = l.join("n2");
    assertThat(Planner.moves(l.state.placement(), m -> true, m -> m.registration() != n2, 99))
        .isEmpty();
    assertThat(moves(99)).hasSize(6).allMatch(w -> w.target() == n2);
  }

  @Test
  void moves_goToNoMemberThatDoesNotServe_alsoFromADrainedNode() {
    l.join("n1");
    long n2 = l.join("n2");
    l.apply(new Command.Drain("n1"));
    assertThat(Planner.moves(l.state.placement(), m -> m.registration() != n2, m -> true, 99))
        .isEmpty();
    long n3 = l.join("n3");
    assertThat(Planner.moves(l.state.placement(), m -> m.registration() != n2, m -> true, 99))
        .hasSize(12)
        .allMatch(w -> w.target() == n3);
  }

  @Test
  void moves_beginWithIdleShards_andThenThoseThatCostLeast() {
    l.join("n1");
    l.join("n2");
    List<Integer> all = moves(99).stream().map(MoveWish::shard).toList();
    Map<Integer, Integer> costs = Map.of(all.get(0), 9, all.get(1), 2, all.get(2), 5);
    List<Integer> cheapFirst =
        Planner.moves(l.state.placement(), m -> true, m -> true, s -> costs.getOrDefault(s, 0), 99)
            .stream()
            .map(MoveWish::shard)
            .toList();
    assertThat(cheapFirst)
        .containsExactly(all.get(3), all.get(4), all.get(5), all.get(1), all.get(2), all.get(0));
  }

  @Test
  void moves_underWay_count() {
    l.join("n1");
    l.join("n2");
    List<MoveWish> first = moves(4);
    assertThat(first).hasSize(4);
    l.apply(new Command.StartMoves(first.subList(0, 3)));
    assertThat(moves(4)).hasSize(1).doesNotContainAnyElementsOf(first.subList(0, 3));
    assertThat(moves(3)).isEmpty();
    assertThat(moves(0)).isEmpty();
  }

  @Test
  void drained_isEmptiedEvenly_andFilledAgainAfterwards() {
    l.join("n1");
    l.join("n2");
    l.join("n3");
    l.settle();
    assertThat(l.homes()).isEqualTo(Map.of("n1", 4, "n2", 4, "n3", 4));
    l.apply(new Command.Drain("n2"));
    assertThat(l.settle()).isEqualTo(4);
    assertThat(l.homes()).isEqualTo(Map.of("n1", 6, "n2", 0, "n3", 6));
    l.apply(new Command.Undrain("n2"));
    assertThat(l.settle()).isEqualTo(4);
    assertThat(l.homes()).isEqualTo(Map.of("n1", 4, "n2", 4, "n3", 4));
  }

  @Test
  void drained_givesAwayToThePreferredNodeAtOnce_settledOrNot() {
    l.join("n1");
    long n2 = l.join("n2");
    l.apply(new Command.Drain("n1"));
    long n3 = l.join("n3");
    List<MoveWish> wishes = Planner.moves(l.state.placement(), m -> true, r -> false, 99);
    assertThat(wishes)
        .hasSize(12)
        .allSatisfy(w -> {
          String preferred = l.shard(w.shard()).preferred();
          if (preferred.equals("n2")) {
            assertThat(w.target()).isEqualTo(n2);
          } else if (preferred.equals("n3")) {
            assertThat(w.target()).isEqualTo(n3);
          }
        });
    l.settle();
    assertThat(l.homes()).isEqualTo(Map.of("n1", 0, "n2", 6, "n3", 6));
  }

  @Test
  void allDrained_staysWhereItIs() {
    l.join("n1");
    l.join("n2");
    l.settle();
    l.apply(new Command.Drain("n1"));
    l.apply(new Command.Drain("n2"));
    assertThat(moves(99)).isEmpty();
    assertThat(registration("n1")).isPositive();
  }

  @Test
  void orphans_areNotMoved() {
    long n1 = l.join("n1");
    l.expire("n1", n1);
    assertThat(moves(99)).isEmpty();
  }

  @Test
  void nodeToWhichAShardIsOnItsWay_hasToGiveBeforeItLeaves_asOneThatIsHomeOfOne() {
    Ledgers l = Ledgers.formed(4);
    long a = l.join("a");
    long b = l.join("b");
    assertThat(l.state.placement().hasToGive(a)).isTrue();
    assertThat(l.state.placement().hasToGive(b)).isFalse();
    l.move(0, b);
    l.apply(new Command.Drain("b"));
    assertThat(l.state.placement().hasToGive(b)).as("on its way").isTrue();
    l.release(0);
    assertThat(l.state.placement().hasToGive(b)).as("at home").isTrue();
    l.move(0, a);
    l.release(0);
    assertThat(l.state.placement().hasToGive(b)).as("given away").isFalse();
    l.apply(new Command.Drain("a"));
    assertThat(l.state.placement().hasToGive(a)).as("nobody takes it").isFalse();
  }
}
