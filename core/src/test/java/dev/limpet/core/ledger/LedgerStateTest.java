package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.Invariant;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Decision.Cause;
import dev.limpet.core.ledger.LedgerState.Result;
import dev.limpet.core.ledger.Outcome.Reason;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerStateTest {
  private static Reason reason(Outcome outcome) {
    return ((Outcome.Refused) outcome).reason();
  }

  private static void even(Collection<Integer> counts) {
    assertThat(Collections.max(counts) - Collections.min(counts))
        .as(counts.toString())
        .isLessThanOrEqualTo(1);
  }

  @Test
  void form_again_isTheSame_anotherClusterIsRefused() {
    Ledgers l = Ledgers.formed(4);
    assertThat(l.apply(new Command.Form("c1", new byte[16], 9)).outcome())
        .isEqualTo(new Outcome.Done());
    assertThat(l.state.placement().shards()).hasSize(4);
    assertThat(reason(l.apply(new Command.Form("c2", new byte[16], 4)).outcome()))
        .isEqualTo(Reason.OTHER_CLUSTER);
  }

  @Test
  void join_beforeForm_isRefused() {
    assertThat(reason(new Ledgers().apply(Ledgers.joinOf("n1", "b")).outcome()))
        .isEqualTo(Reason.NOT_FORMED);
  }

  @Test
  void join_first_getsAllShards_eachWithItsOwnEpoch() {
    Ledgers l = Ledgers.formed(4);
    Result r = l.apply(Ledgers.joinOf("n1", "b"));
    assertThat(r.outcome()).isEqualTo(new Outcome.Joined(2));
    assertThat(r.decisions()).contains(new Decision.Homed(3, "n1", 2, 4, Cause.FIRST));
    assertThat(l.state.placement().shards())
        .extracting(ShardHome::epoch)
        .containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void join_repeatedWithTheSameBoot_isTheSameRegistration() {
    Ledgers l = Ledgers.formed(4);
    l.apply(Ledgers.joinOf("n1", "b"));
    Result again = l.apply(Ledgers.joinOf("n1", "b"));
    assertThat(again.outcome()).isEqualTo(new Outcome.Joined(2));
    assertThat(again.decisions()).isEmpty();
  }

  @Test
  void join_withTheNameOfAMember_isRefusedUntilThatOneHasEnded() {
    Ledgers l = Ledgers.formed(4);
    long first = l.join("n1");
    assertThat(reason(l.apply(Ledgers.joinOf("n1", "other")).outcome()))
        .isEqualTo(Reason.NAME_TAKEN);
    l.expire("n1", first);
    assertThat(l.apply(Ledgers.joinOf("n1", "other")).outcome()).isInstanceOf(Outcome.Joined.class);
  }

  @Test
  void join_withOtherTypes_isRefusedWithBothLists_unlessNobodyIsLeft() {
    Ledgers l = Ledgers.formed(4);
    long first = l.join("n1");
    Command.Join other = new Command.Join("n2", "b", "s", "a", "h", "wallet");
    Outcome.Refused refused = (Outcome.Refused) l.apply(other).outcome();
    assertThat(refused.reason()).isEqualTo(Reason.TYPES_DIFFER);
    assertThat(refused.detail()).contains("counter").contains("wallet");
    l.expire("n1", first);
    assertThat(l.apply(other).outcome()).isInstanceOf(Outcome.Joined.class);
  }

  @Test
  void join_movesNothingByItself() {
    Ledgers l = Ledgers.formed(8);
    l.join("n1");
    l.join("n2");
    assertThat(l.homes()).isEqualTo(Map.of("n1", 8, "n2", 0));
    assertThat(l.preferred()).isEqualTo(Map.of("n1", 4, "n2", 4));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 64, 100, 257})
  void join_oneAfterTheOther_keepsPreferencesEvenAndEarlyShardsWhereTheyAre(int shards) {
    Ledgers l = Ledgers.formed(shards);
    for (int n = 1; n <= 9; n++) {
      List<ShardHome> before = l.state.placement().shards();
      String name = "n" + n;
      l.join(name);
      int taken = 0;
      for (int s = 0; s < shards; s++) {
        String now = l.shard(s).preferred();
        assertThat(now).isIn(before.get(s).preferred(), name);
        taken += now.equals(before.get(s).preferred()) ? 0 : 1;
      }
      assertThat(taken)
          .as("only the newcomer's share changes")
          .isEqualTo(n == 1 ? shards : shards / n);
      if (shards >= n) {
        even(l.preferred().values());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 7})
  void expire_ofASettledNode_spreadsItsShardsEvenly_andTheyComeHome(int nodes) {
    Ledgers l = Ledgers.formed(64);
    for (int n = 1; n <= nodes; n++) {
      l.join("n" + n);
    }
    l.settle();
    even(l.homes().values());
    List<ShardHome> before = l.state.placement().shards();
    long dead = java.util.Objects.requireNonNull(l.state.placement().member("n2")).registration();
    Result expired = l.expire("n2", dead);
    even(l.homes().values());
    assertThat(l.homes()).doesNotContainKey("n2");
    int changed = 0;
    for (int s = 0; s < 64; s++) {
      boolean was = before.get(s).home() == dead;
      assertThat(l.shard(s).home() != before.get(s).home())
          .as("only the dead one's shards move")
          .isEqualTo(was);
      assertThat(l.state.placement().believes(s, before.get(s).epoch(), 0)).isEqualTo(!was);
      assertThat(l.state.placement().believes(s, l.shard(s).epoch(), 0)).isTrue();
      changed += was ? 1 : 0;
    }
    assertThat(expired.decisions()).hasSize(1 + changed);
    l.join("n2");
    assertThat(l.settle()).as("exactly its shards come home").isEqualTo(changed);
    for (int s = 0; s < 64; s++) {
      assertThat(java.util.Objects.requireNonNull(l.state.placement().homeOf(s)).name())
          .isEqualTo(before.get(s).preferred());
    }
  }

  @Test
  void expire_overtakenByARenewal_isVoid() {
    Ledgers l = Ledgers.formed(4);
    long r = l.join("n1");
    l.renew("n1", r, 5);
    assertThat(reason(l.apply(new Command.Expire("n1", r, 4)).outcome()))
        .isEqualTo(Reason.OVERTAKEN);
    assertThat(l.state.placement().members()).containsKey(r);
    assertThat(l.apply(new Command.Expire("n1", r, 5)).outcome()).isEqualTo(new Outcome.Done());
    assertThat(reason(l.apply(new Command.Expire("n1", r, 5)).outcome()))
        .isEqualTo(Reason.NOT_A_MEMBER);
  }

  @Test
  void renew_ofAnEndedRegistration_isRejectedForEver() {
    Ledgers l = Ledgers.formed(4);
    long first = l.join("n1");
    l.expire("n1", first);
    long second = l.join("n1");
    assertThat(l.renew("n1", first, 9)).isEqualTo(new Outcome.Renewed(List.of(false)));
    assertThat(l.renew("n2", second, 1))
        .as("another's name")
        .isEqualTo(new Outcome.Renewed(List.of(false)));
    assertThat(l.renew("n1", second, 1)).isEqualTo(new Outcome.Renewed(List.of(true)));
  }

  @Test
  void renew_late_doesNotTakeTheSequenceBack() {
    Ledgers l = Ledgers.formed(4);
    long r = l.join("n1");
    l.renew("n1", r, 5);
    l.renew("n1", r, 3);
    assertThat(l.state.sequenceOf(r)).isEqualTo(5);
    assertThat(l.state.sequenceOf(99)).isEqualTo(-1);
  }

  @Test
  void renew_publishesNoPlacement() {
    Ledgers l = Ledgers.formed(4);
    long r = l.join("n1");
    Placement before = l.state.placement();
    l.renew("n1", r, 1);
    assertThat(l.state.placement()).isSameAs(before);
  }

  @Test
  void expire_ofTheLast_orphansAllShards_theNextJoinGivesThemHomes() {
    Ledgers l = Ledgers.formed(4);
    long r = l.join("n1");
    Result last = l.expire("n1", r);
    assertThat(last.decisions()).contains(new Decision.Orphaned(0, 1));
    assertThat(l.state.placement().homeOf(0)).isNull();
    assertThat(l.shard(0).epoch()).isEqualTo(1);
    long other = l.join("n9");
    assertThat(l.homes()).isEqualTo(Map.of("n9", 4));
    assertThat(l.shard(0).home()).isEqualTo(other);
    assertThat(l.shard(0).epoch()).isGreaterThan(4);
    assertThat(l.state.placement().believes(0, 1, 0)).isFalse();
  }

  @Test
  void leave_spreadsLikeAnExpiry_butItsRepliesAreBelieved() {
    Ledgers l = Ledgers.formed(6);
    long r = l.join("n1");
    l.join("n2");
    l.apply(new Command.Leave("n1", r));
    assertThat(l.homes()).isEqualTo(Map.of("n2", 6));
    assertThat(l.state.placement().believes(0, 1, 0)).isTrue();
    assertThat(l.apply(new Command.Leave("n1", r)).decisions()).isEmpty();
  }

  @Test
  void move_reservesTheEpoch_andReleaseHandsItOver() {
    Ledgers l = Ledgers.formed(2);
    long n1 = l.join("n1");
    long n2 = l.join("n2");
    l.move(0, n2);
    assertThat(l.shard(0).home()).isEqualTo(n1);
    assertThat(l.shard(0).epoch()).isEqualTo(1);
    assertThat(l.shard(0).move()).isEqualTo(new ShardHome.Move(l.state.index(), n2, 3));
    l.release(0);
    assertThat(l.shard(0).home()).isEqualTo(n2);
    assertThat(l.shard(0).epoch()).isEqualTo(3);
    assertThat(l.state.placement().believes(0, 1, 0))
        .as("a released epoch's replies are true")
        .isTrue();
  }

  @Test
  void move_ofAMovingShardOrToNobodyOrToItsHome_isOvertaken() {
    Ledgers l = Ledgers.formed(2);
    long n1 = l.join("n1");
    long n2 = l.join("n2");
    assertThat(reason(l.move(0, n1).outcome())).isEqualTo(Reason.OVERTAKEN);
    assertThat(reason(l.move(0, 77).outcome())).isEqualTo(Reason.OVERTAKEN);
    assertThat(reason(l.move(5, n2).outcome())).isEqualTo(Reason.OVERTAKEN);
    l.move(0, n2);
    assertThat(reason(l.move(0, n2).outcome())).isEqualTo(Reason.OVERTAKEN);
  }

  @Test
  void release_ofAnotherMoveOrByAnother_changesNothing() {
    Ledgers l = Ledgers.formed(2);
    long n1 = l.join("n1");
    long n2 = l.join("n2");
    l.move(0, n2);
    long move = l.state.index();
    assertThat(
            reason(
                l.apply(new Command.Release("n2", n2, List.of(new Released(0, move)))).outcome()))
        .isEqualTo(Reason.OVERTAKEN);
    assertThat(
            reason(
                l.apply(new Command.Release("n1", n1, List.of(new Released(0, move - 1))))
                    .outcome()))
        .isEqualTo(Reason.OVERTAKEN);
    l.apply(new Command.AbortMoves(List.of(new Released(0, move))));
    assertThat(
            reason(
                l.apply(new Command.Release("n1", n1, List.of(new Released(0, move)))).outcome()))
        .as("a release after the abort")
        .isEqualTo(Reason.OVERTAKEN);
    assertThat(l.shard(0).home()).isEqualTo(n1);
  }

  @Test
  void expire_ofTheTarget_abortsTheMove_ofTheSource_voidsIt() {
    Ledgers l = Ledgers.formed(2);
    long n1 = l.join("n1");
    long n2 = l.join("n2");
    l.join("n3");
    l.move(0, n2);
    long move = l.state.index();
    assertThat(l.expire("n2", n2).decisions()).contains(new Decision.MoveAborted(0, move));
    assertThat(l.shard(0).home()).isEqualTo(n1);
    assertThat(l.shard(0).move()).isNull();
    long n3 = java.util.Objects.requireNonNull(l.state.placement().member("n3")).registration();
    l.move(1, n3);
    long reserved = java.util.Objects.requireNonNull(l.shard(1).move()).epoch();
    l.expire("n1", n1);
    assertThat(l.shard(1).home()).isEqualTo(n3);
    assertThat(l.shard(1).epoch())
        .as("above what the void move had reserved")
        .isGreaterThan(reserved);
    assertThat(l.shard(1).move()).isNull();
  }

  @Test
  void drain_ofAStranger_isRefused() {
    Ledgers l = Ledgers.formed(2);
    assertThat(reason(l.apply(new Command.Drain("n1")).outcome())).isEqualTo(Reason.NOT_A_MEMBER);
    assertThat(reason(l.apply(new Command.Undrain("n1")).outcome())).isEqualTo(Reason.NOT_A_MEMBER);
  }

  @Test
  void drain_keepsNewHomesAway_unlessNobodyElseIsThere() {
    Ledgers l = Ledgers.formed(6);
    l.join("n1");
    long n2 = l.join("n2");
    l.join("n3");
    l.settle();
    assertThat(l.apply(new Command.Drain("n1")).decisions())
        .containsExactly(new Decision.Drained("n1"));
    assertThat(l.apply(new Command.Drain("n1")).decisions()).isEmpty();
    int before = l.homes().getOrDefault("n1", 0);
    l.expire("n2", n2);
    assertThat(l.homes()).containsEntry("n1", before);
    l.expire(
        "n3", java.util.Objects.requireNonNull(l.state.placement().member("n3")).registration());
    assertThat(l.homes()).as("better a drained home than none").isEqualTo(Map.of("n1", 6));
  }

  @Test
  void apply_outOfOrder_isABug() {
    Ledgers l = Ledgers.formed(2);
    assertThatThrownBy(() -> l.state.apply(1, new Command.Drain("n1")))
        .isInstanceOf(Invariant.Broken.class);
  }
}
