package dev.limpet.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Expire;
import dev.limpet.core.ledger.Command.Renew;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.LedgerWire;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrantorTest {
  private static final long MS = 1_000_000;
  private static final long TICK = 100 * MS;
  private static final Times TIMES = Times.of(400 * MS, 3_000 * MS);

  private final LedgerState ledger = new LedgerState();
  private final Grantor grantor = new Grantor(TIMES);
  private long now = 50 * MS;
  private long r;

  @BeforeEach
  void aMember() {
    apply(new Command.Form("c", new byte[16], 2));
    apply(new Command.Join("n1", "b", "s", "a", "h", "t"));
    r = ledger.index();
    grantor.membersAre(ledger.placement(), now);
  }

  private void apply(Command command) {
    ledger.apply(ledger.index() + 1, command);
    if (command instanceof Renew renew) {
      grantor.applied(renew, now);
    }
  }

  private Renewal renewal(long sequence, long acknowledged) {
    return new Renewal("n1", r, sequence, acknowledged);
  }

  /** Ticks until a time, and applies the leader's empty renewals; the other commands are the answer. */
  private List<Command> ticksUntil(long time) {
    List<Command> all = new ArrayList<>();
    while (now + TICK <= time) {
      now += TICK;
      for (Command c : grantor.tick(now)) {
        if (c instanceof Renew renew && renew.renewals().isEmpty()) {
          apply(c);
        } else {
          all.add(c);
        }
      }
    }
    now = time;
    return all;
  }

  @Test
  void follower_takesNoRenewalsAndExpiresNobody() {
    assertThat(grantor.offer(renewal(1, 0), now)).isFalse();
    assertThat(ticksUntil(now + 10_000 * MS)).isEmpty();
  }

  @Test
  void renewals_ofATick_goAsOneEntry_theLatestOfEach() {
    grantor.leads(now);
    grantor.offer(renewal(2, 0), now);
    grantor.offer(renewal(1, 0), now);
    grantor.offer(new Renewal("n9", 99, 4, 0), now);
    assertThat(grantor.tick(now + TICK))
        .containsExactly(new Renew(List.of(renewal(2, 0), new Renewal("n9", 99, 4, 0))));
    assertThat(grantor.tick(now + 2 * TICK)).isEmpty();
    assertThat(grantor.tick(now + 5 * TICK))
        .as("nobody renews: does the log still move?")
        .containsExactly(new Renew(List.of()));
  }

  @Test
  void silentMember_isExpiredAfterTheGrace_andNotBefore() {
    grantor.leads(now);
    long start = now;
    assertThat(ticksUntil(start + TIMES.grace())).isEmpty();
    assertThat(ticksUntil(now + 2 * TICK)).containsExactly(new Expire("n1", r, 0));
    assertThat(grantor.silentFor(r, now)).isEqualTo(now - start);
    assertThat(grantor.silentFor(77, now)).isEqualTo(-1);
  }

  @Test
  void member_holdsItsLeaseOnceItsRenewalsShowThatItSawAnAcknowledgement() {
    apply(new Renew(List.of(renewal(1, 0))));
    assertThat(grantor.holdingFor(r, now)).as("renews, and sees nothing").isNegative();
    now += 400 * MS;
    apply(new Renew(List.of(renewal(2, 1))));
    assertThat(grantor.holdingFor(r, now)).isZero();
    now += 400 * MS;
    apply(new Renew(List.of(renewal(3, 2))));
    assertThat(grantor.holdingFor(r, now)).isEqualTo(400 * MS);
    assertThat(grantor.holdingFor(r, now + TIMES.lease())).as("silent since").isNegative();
    assertThat(grantor.holdingFor(77, now)).as("no member").isNegative();
  }

  @Test
  void memberWhoseViewFallsBehind_doesNotHoldItsLeaseUntilItHasCaughtUp() {
    apply(new Renew(List.of(renewal(1, 0))));
    apply(new Renew(List.of(renewal(2, 1))));
    for (long s = 3; s < 8; s++) {
      now += 400 * MS;
      apply(new Renew(List.of(renewal(s, 2))));
    }
    assertThat(grantor.holdingFor(r, now)).isNegative();
    now += 400 * MS;
    apply(new Renew(List.of(renewal(8, 7))));
    assertThat(grantor.holdingFor(r, now)).isZero();
  }

  @Test
  void expiry_isProposedAgainWhenNothingComesOfIt() {
    grantor.leads(now);
    assertThat(ticksUntil(now + TIMES.grace() + 10 * TIMES.heartbeat()).size()).isBetween(4, 6);
  }

  @Test
  void appliedRenewal_startsTheWaitAfresh_andExpireNamesIt() {
    grantor.leads(now);
    ticksUntil(now + 3_000 * MS);
    apply(new Renew(List.of(renewal(7, 0))));
    assertThat(ticksUntil(now + TIMES.grace())).isEmpty();
    assertThat(ticksUntil(now + 2 * TICK)).containsExactly(new Expire("n1", r, 7));
  }

  @Test
  void newLeader_countsFromItsOwnReplica_butWaitsTwoHeartbeats() {
    ticksUntil(now + 10_000 * MS);
    grantor.leads(now);
    assertThat(ticksUntil(now + 2 * TIMES.heartbeat())).isEmpty();
    assertThat(ticksUntil(now + 2 * TICK)).containsExactly(new Expire("n1", r, 0));
  }

  @Test
  void pausedLeader_startsAllWaitsAfresh() {
    grantor.leads(now);
    ticksUntil(now + 2_000 * MS);
    now += 60_000 * MS;
    assertThat(grantor.tick(now)).containsExactly(new Renew(List.of()));
    apply(new Renew(List.of()));
    assertThat(ticksUntil(now + TIMES.grace())).isEmpty();
    assertThat(ticksUntil(now + 2 * TICK)).containsExactly(new Expire("n1", r, 0));
  }

  @Test
  void tickThatComesLate_isNoPause_whileEntriesAreApplied() {
    grantor.leads(now);
    long heard = now;
    ticksUntil(now + 1_500 * MS);
    for (int i = 0; i < 4; i++) {
      now += TIMES.heartbeat();
      apply(new Renew(List.of()));
    }
    assertThat(ticksUntil(heard + TIMES.grace())).isEmpty();
    assertThat(ticksUntil(now + 2 * TICK)).containsExactly(new Expire("n1", r, 0));
  }

  @Test
  void pausedLeader_doesNotBlameTheMembersForTheAcknowledgementsThatItHeldBack() {
    grantor.leads(now);
    ticksUntil(now + 500 * MS);
    apply(new Renew(List.of(renewal(1, 0))));
    now += 60_000 * MS;
    assertThat(grantor.offer(renewal(3, 0), now)).as("arrives before the first tick").isTrue();
    assertThat(grantor.tick(now)).containsExactly(new Renew(List.of(renewal(3, 0))));
  }

  @Test
  void logThatStandsStill_isNotTheMembersSilence() {
    grantor.leads(now);
    List<Command> all = new ArrayList<>();
    long sequence = 0;
    for (int i = 0; i < 200; i++) {
      if (i % 4 == 0) {
        grantor.offer(renewal(++sequence, 0), now);
      }
      all.addAll(ticksUntil(now + TICK));
    }
    assertThat(all).hasSize(50).allMatch(c -> c instanceof Renew);
  }

  @Test
  void leaderWithoutAMajority_expiresNobody_alsoOfThoseWhoseRenewalsDoNotReachIt() {
    grantor.leads(now);
    for (int i = 0; i < 200; i++) {
      now += TICK;
      assertThat(grantor.tick(now)).noneMatch(c -> c instanceof Expire);
    }
    long again = now;
    apply(new Renew(List.of()));
    assertThat(ticksUntil(again + 2 * TIMES.heartbeat())).as("time to renew").isEmpty();
    assertThat(ticksUntil(now + 2 * TICK)).containsExactly(new Expire("n1", r, 0));
  }

  @Test
  void oneWayCut_renewalsOfANodeThatSeesNoAcknowledgementAreRefused_andItExpires() {
    grantor.leads(now);
    List<Command> expiries = new ArrayList<>();
    long start = now;
    long refusedAt = 0;
    for (int i = 0; expiries.isEmpty() && i < 1_000; i++) {
      if (i % 4 == 0 && !grantor.offer(renewal(i / 4 + 1, 0), now) && refusedAt == 0) {
        refusedAt = now;
      }
      now += TICK;
      for (Command c : grantor.tick(now)) {
        if (c instanceof Renew) {
          apply(c);
        } else {
          expiries.add(c);
        }
      }
    }
    assertThat(refusedAt - start).isBetween(TIMES.deaf(), TIMES.deaf() + 2 * TIMES.heartbeat());
    assertThat(expiries).hasSize(1);
    assertThat(now - start).isLessThan(TIMES.deaf() + TIMES.grace() + 3 * TIMES.heartbeat());
  }

  @Test
  void lostAcknowledgements_doNotHarmWhenLaterOnesAreSeen() {
    grantor.leads(now);
    for (int i = 1; i < 100; i++) {
      // Only every second acknowledgement arrives.
      assertThat(grantor.offer(renewal(i, (i - 1) / 2 * 2L), now)).isTrue();
      now += 4 * TICK;
      for (Command c : grantor.tick(now)) {
        assertThat(c).isInstanceOf(Renew.class);
        apply(c);
      }
    }
  }

  @Test
  void newLeader_doesNotHoldOldAcknowledgementsAgainstAnybody() {
    apply(new Renew(List.of(renewal(1, 0))));
    now += 20_000 * MS;
    grantor.leads(now);
    assertThat(grantor.offer(renewal(2, 0), now)).isTrue();
  }

  @Test
  void unknownRegistration_goesIntoTheLog_whichIsWhatRejectsIt() {
    grantor.leads(now);
    assertThat(grantor.offer(new Renewal("n1", 77, 3, 2), now)).isTrue();
  }

  @Test
  void endedMember_isForgotten() {
    grantor.leads(now);
    apply(new Expire("n1", r, 0));
    grantor.membersAre(ledger.placement(), now);
    assertThat(ticksUntil(now + 10_000 * MS)).isEmpty();
  }

  @Test
  void follows_dropsWhatItGathered() {
    grantor.leads(now);
    grantor.offer(renewal(1, 0), now);
    grantor.follows();
    grantor.leads(now);
    assertThat(grantor.tick(now + TICK)).isEmpty();
  }

  @Test
  void restartedFromACheckpoint_itsExpiriesAreNotVoid() {
    apply(new Renew(List.of(renewal(57, 56))));
    LedgerState restarted =
        LedgerState.of(LedgerWire.decodeImage(LedgerWire.encode(ledger.image())));
    Grantor fresh = new Grantor(TIMES);
    fresh.membersAre(restarted.placement(), now);
    fresh.leads(now);
    List<Command> commands = new ArrayList<>();
    for (long end = now + TIMES.grace() + 2 * TICK; now < end; now += TICK) {
      for (Command c : fresh.tick(now)) {
        if (c instanceof Renew renew) {
          fresh.applied(renew, now);
        } else {
          commands.add(c);
        }
      }
    }
    assertThat(commands).containsExactly(new Expire("n1", r, 57));
    restarted.apply(restarted.index() + 1, commands.getFirst());
    assertThat(restarted.placement().members()).isEmpty();
  }
}
