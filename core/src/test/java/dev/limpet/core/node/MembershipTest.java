package dev.limpet.core.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Outcome.Reason;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.node.Membership.Action;
import dev.limpet.core.node.Membership.Standing;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final long MS = 1_000_000;
  private static final Times TIMES = Times.of(400 * MS, 3_000 * MS);

  private final Membership m = new Membership("n1", TIMES);
  private final LedgerState ledger = new LedgerState();

  private long apply(Command command) {
    ledger.apply(ledger.index() + 1, command);
    return ledger.index();
  }

  private long member() {
    apply(new Command.Form("c", new byte[16], 4));
    long r = apply(new Command.Join("n1", "b1", "s1", "h:1", "h:2", "t"));
    m.start(0);
    m.joined(r, 10 * MS);
    return r;
  }

  private static long sequence(List<Action> actions) {
    return actions.stream()
        .flatMap(a ->
            a instanceof Action.Renew r
                ? List.of(r.renewal().sequence()).stream()
                : List.<Long>of().stream())
        .findFirst()
        .orElse(0L);
  }

  @Test
  void start_asksToJoin_andAsksAgainEachHeartbeat() {
    assertThat(m.start(0)).containsExactly(new Action.Join());
    assertThat(m.tick(100 * MS)).isEmpty();
    assertThat(m.tick(400 * MS)).containsExactly(new Action.Join());
    assertThat(m.standing()).isInstanceOf(Standing.Joining.class);
    assertThat(m.registration()).isZero();
  }

  @Test
  void joined_enters_andRenewsAtOnce() {
    m.start(0);
    List<Action> actions = m.joined(7, 10 * MS);
    assertThat(actions).hasSize(2);
    assertThat(actions.get(0)).isEqualTo(new Action.Enter(7));
    assertThat(sequence(actions)).isEqualTo(1);
    assertThat(m.registration()).isEqualTo(7);
    assertThat(m.holds(10 * MS)).isFalse();
    assertThat(m.joined(7, 20 * MS)).as("the answer to the repeated join").isEmpty();
  }

  @Test
  void acknowledged_holdsOnlyOnceTheViewHasReachedTheIndex() {
    long r = member();
    assertThat(m.acknowledged(r, 1, 9, 20 * MS)).isEmpty();
    assertThat(m.holds(20 * MS)).isFalse();
    assertThat(m.viewReached(ledger.placement(), 8, 30 * MS)).isEmpty();
    assertThat(m.viewReached(ledger.placement(), 9, 40 * MS)).containsExactly(new Action.Resume());
    assertThat(m.beginsUntil()).isEqualTo(10 * MS + TIMES.lease() - TIMES.guard());
  }

  @Test
  void tick_renewsEachHeartbeat_andTellsOfTheLapse() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.acknowledged(r, 1, r, 20 * MS);
    assertThat(sequence(m.tick(200 * MS))).isZero();
    assertThat(sequence(m.tick(410 * MS))).isEqualTo(2);
    long now = 500 * MS;
    List<Action> actions = List.of();
    while (m.holds(now)) {
      now += 100 * MS;
      actions = m.tick(now);
    }
    assertThat(actions.getFirst()).isEqualTo(new Action.Lapse());
    assertThat(actions).noneMatch(a -> a instanceof Action.DropAll);
    assertThat(m.registration()).as("lapsed, and still a member").isEqualTo(r);
  }

  @Test
  void lapsed_sameRegistrationResumesOnTheNextAcknowledgement() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.acknowledged(r, 1, r, 20 * MS);
    m.tick(600 * MS);
    m.tick(1_300 * MS);
    m.tick(2_000 * MS);
    m.tick(2_700 * MS);
    List<Action> lapsed = m.tick(3_400 * MS);
    assertThat(lapsed).startsWith(new Action.Lapse());
    assertThat(m.acknowledged(r, sequence(lapsed), r, 3_450 * MS))
        .containsExactly(new Action.Resume());
  }

  @Test
  void rejected_dropsEverythingAndJoinsAnew() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.acknowledged(r, 1, r, 20 * MS);
    assertThat(m.rejected(r, 30 * MS))
        .containsExactly(new Action.Lapse(), new Action.DropAll(r), new Action.Join());
    assertThat(m.rejected(r, 31 * MS)).as("told twice").isEmpty();
    assertThat(m.joined(r, 32 * MS)).as("a late answer to the first join").isEmpty();
    assertThat(m.acknowledged(r, 1, r, 33 * MS)).isEmpty();
    assertThat(m.holds(33 * MS)).isFalse();
    assertThat(m.joined(r + 5, 40 * MS)).startsWith(new Action.Enter(r + 5));
    assertThat(m.rejected(r, 41 * MS)).as("about the former registration").isEmpty();
  }

  @Test
  void viewWithoutTheRegistration_endsIt() {
    long r = member();
    apply(new Command.Expire("n1", r, 0));
    assertThat(m.viewReached(ledger.placement(), ledger.index(), 20 * MS))
        .containsExactly(new Action.DropAll(r), new Action.Join());
  }

  @Test
  void viewFromBeforeTheJoin_endsNothing() {
    member();
    assertThat(m.viewReached(Placement.EMPTY, 1, 20 * MS)).isEmpty();
    assertThat(m.standing()).isInstanceOf(Standing.Member.class);
  }

  @Test
  void joinedHigherWhileMember_dropsTheFormerFirst() {
    long r = member();
    List<Action> actions = m.joined(r + 3, 20 * MS);
    assertThat(actions.subList(0, 2))
        .containsExactly(new Action.DropAll(r), new Action.Enter(r + 3));
  }

  @Test
  void gapBetweenTicks_nothingBeginsUntilARenewalSentAfterwardsIsAcknowledged() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.tick(410 * MS);
    m.acknowledged(r, 1, r, 420 * MS);
    List<Action> woke = m.tick(1_300 * MS);
    assertThat(woke).startsWith(new Action.Lapse());
    assertThat(sequence(woke)).isEqualTo(3);
    assertThat(m.acknowledged(r, 2, r, 1_310 * MS)).as("sent before the pause").isEmpty();
    assertThat(m.acknowledged(r, 3, r, 1_320 * MS)).containsExactly(new Action.Resume());
  }

  @Test
  void suspendNoticedByAnotherClock_lapsesToo() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.acknowledged(r, 1, r, 20 * MS);
    assertThat(m.paused(30 * MS)).startsWith(new Action.Lapse());
  }

  @Test
  void pause_isSaidToBeOverSoon_untilTheRegistrationEnds() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.acknowledged(r, 1, r, 20 * MS);
    m.paused(30 * MS);
    assertThat(m.resumesBy()).isEqualTo(30 * MS + TIMES.deaf());
    m.rejected(r, 40 * MS);
    assertThat(m.resumesBy()).as("ended").isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void lapse_isSaidToBeOverSoon_forAsLongAsOneMayHearNothing() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    assertThat(m.resumesBy()).as("never held").isEqualTo(Long.MIN_VALUE);
    m.acknowledged(r, 1, r, 20 * MS);
    long lapse = m.beginsUntil();
    assertThat(m.tick(lapse)).contains(new Action.Lapse());
    assertThat(m.resumesBy()).isEqualTo(lapse + TIMES.deaf());
    m.rejected(r, lapse + MS);
    assertThat(m.resumesBy()).as("ended").isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void nameTaken_isTriedAgain_otherClusterGivesUp() {
    m.start(0);
    assertThat(m.joinRefused(Reason.NAME_TAKEN, "taken", 10 * MS)).isEmpty();
    assertThat(m.standing()).isEqualTo(new Standing.Joining("taken"));
    assertThat(m.tick(410 * MS)).containsExactly(new Action.Join());
    assertThat(m.joinRefused(Reason.OTHER_CLUSTER, "other", 420 * MS))
        .containsExactly(new Action.GiveUp(Reason.OTHER_CLUSTER, "other"));
    assertThat(m.tick(2_000 * MS)).isEmpty();
  }

  @Test
  void typesDiffer_waitsForDeadMembersToExpire_thenGivesUp() {
    m.start(0);
    assertThat(m.joinRefused(Reason.TYPES_DIFFER, "differ", 10 * MS)).isEmpty();
    assertThat(m.joinRefused(Reason.TYPES_DIFFER, "differ", TIMES.grace())).isEmpty();
    assertThat(m.joinRefused(Reason.TYPES_DIFFER, "differ", 2 * TIMES.grace() + 11 * MS))
        .containsExactly(new Action.GiveUp(Reason.TYPES_DIFFER, "differ"));
  }

  @Test
  void leave_endsTheLeaseAtOnce_andRepeatsUntilTheLedgerSaysSo() {
    long r = member();
    m.viewReached(ledger.placement(), ledger.index(), 10 * MS);
    m.acknowledged(r, 1, r, 20 * MS);
    assertThat(m.leave(100 * MS)).containsExactly(new Action.Lapse(), new Action.Leave(r));
    assertThat(m.holds(100 * MS)).isFalse();
    assertThat(m.tick(500 * MS)).containsExactly(new Action.Leave(r));
    assertThat(m.left(r, 510 * MS)).containsExactly(new Action.DropAll(r));
    assertThat(m.standing()).isEqualTo(new Standing.Out("left"));
    assertThat(m.tick(1_000 * MS)).isEmpty();
    assertThat(m.joined(r + 9, 1_001 * MS)).isEmpty();
  }
}
