package dev.limpet.core.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.Invariant;
import dev.limpet.core.home.HomeShard.Action;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.core.ledger.ShardHome.Move;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HomeShardTest {
  private static final long ME = 10;
  private static final long OTHER = 20;
  private static final long QUIET = 50;
  private static final Move MOVE = new Move(77, OTHER, 6);

  private final HomeShard shard = new HomeShard(3, QUIET);

  private static ShardHome at(long home, long epoch, @Nullable Move move) {
    return new ShardHome(home, epoch, "n", 0, move);
  }

  private void open() {
    shard.placed(at(ME, 5, null), ME, 0);
    shard.granted(5, 1, 99);
  }

  private void freezing() {
    open();
    shard.placed(at(ME, 5, MOVE), ME, 1_000);
  }

  private void renounced() {
    freezing();
    shard.quiet(0);
  }

  @Test
  void away_placedHere_claims() {
    assertThat(shard.placed(at(OTHER, 4, null), ME, 0)).isEmpty();
    assertThat(shard.placed(at(ME, 5, null), ME, 0)).containsExactly(new Action.Claim(5, 1));
    assertThat(shard.tenure()).isEqualTo(new Tenure.Claiming(5, 1));
    assertThat(shard.placed(at(ME, 5, null), ME, 0)).as("seen again").isEmpty();
  }

  @Test
  void away_ofANodeWithoutRegistration_staysAway() {
    assertThat(shard.placed(at(0, 4, null), 0, 0)).isEmpty();
    assertThat(shard.tenure()).isEqualTo(new Tenure.Away());
  }

  @Test
  void claiming_granted_serves() {
    shard.placed(at(ME, 5, null), ME, 0);
    assertThat(shard.granted(4, 1, 9)).as("of another epoch").isEmpty();
    assertThat(shard.granted(5, 2, 9)).as("of another claim").isEmpty();
    assertThat(shard.granted(5, 1, 99)).containsExactly(new Action.Serve());
    assertThat(shard.tenure()).isEqualTo(new Tenure.Open(5, 1, 99));
    assertThat(shard.granted(5, 1, 100)).as("told twice").isEmpty();
  }

  @Test
  void claiming_refusedByAnEarlierClaimOfOurs_claimsAboveIt() {
    shard.placed(at(ME, 5, null), ME, 0);
    assertThat(shard.refused(5, 1, 5, 3)).containsExactly(new Action.Claim(5, 4));
    assertThat(shard.refused(5, 1, 5, 3)).as("told twice").isEmpty();
    assertThat(shard.granted(5, 1, 9)).as("late").isEmpty();
  }

  @Test
  void claiming_refusedByAHigherEpoch_waitsForThePlacement() {
    shard.placed(at(ME, 5, null), ME, 0);
    assertThat(shard.refused(5, 1, 6, 1)).isEmpty();
    assertThat(shard.tenure()).isInstanceOf(Tenure.Claiming.class);
    assertThat(shard.placed(at(OTHER, 6, null), ME, 0)).containsExactly(new Action.Drop());
  }

  @Test
  void claiming_aMoveWaits_andBeginsOnceOpen() {
    shard.placed(at(ME, 5, null), ME, 0);
    assertThat(shard.placed(at(ME, 5, MOVE), ME, 0)).isEmpty();
    assertThat(shard.quiet(0)).isEmpty();
    assertThat(shard.granted(5, 1, 9)).containsExactly(new Action.Serve());
    assertThat(shard.tick(1)).containsExactly(new Action.Freeze());
  }

  @Test
  void open_moveStarted_freezes() {
    open();
    assertThat(shard.tick(1)).isEmpty();
    assertThat(shard.placed(at(ME, 5, MOVE), ME, 1_000)).containsExactly(new Action.Freeze());
    assertThat(shard.tenure()).isEqualTo(new Tenure.Freezing(new Tenure.Open(5, 1, 99), 77, 1_000));
    assertThat(shard.placed(at(ME, 5, MOVE), ME, 1_001)).as("seen again").isEmpty();
  }

  @Test
  void open_quiet_meansNothing() {
    open();
    assertThat(shard.quiet(0)).isEmpty();
  }

  @Test
  void freezing_quiet_renouncesBeforeItReleases() {
    freezing();
    assertThat(shard.quiet(0)).containsExactly(new Action.Release(77, 0));
    assertThat(shard.tenure()).isInstanceOf(Tenure.Renounced.class);
    assertThat(shard.quiet(0)).as("told twice").isEmpty();
  }

  @Test
  void freezing_notQuietInTime_thaws_andTriesAgainEverMoreRarely() {
    freezing();
    long now = 1_000;
    long rest = QUIET;
    for (int i = 0; i < 9; i++) {
      assertThat(shard.tick(now + QUIET)).isEmpty();
      now += QUIET + 1;
      assertThat(shard.tick(now)).containsExactly(new Action.Serve());
      rest = Math.min(2 * rest, QUIET << 6);
      assertThat(shard.tick(now + rest - 1)).as("rests").isEmpty();
      assertThat(shard.placed(at(ME, 5, MOVE), ME, now + rest - 1)).isEmpty();
      now += rest;
      assertThat(shard.tick(now)).containsExactly(new Action.Freeze());
    }
  }

  @Test
  void freezing_aborted_serves_replacedByAnotherMove_doesTheSameAndFreezesForThatOne() {
    freezing();
    assertThat(shard.placed(at(ME, 5, null), ME, 1_010)).containsExactly(new Action.Serve());
    shard.placed(at(ME, 5, MOVE), ME, 1_020);
    assertThat(shard.placed(at(ME, 5, new Move(88, OTHER, 9)), ME, 1_030))
        .containsExactly(new Action.Serve());
    assertThat(shard.tick(1_031)).containsExactly(new Action.Freeze());
    assertThat(shard.quiet(0)).containsExactly(new Action.Release(88, 0));
  }

  @Test
  void renounced_onlyAnAbortBringsItBack() {
    renounced();
    assertThat(shard.tick(1_000_000)).isEmpty();
    assertThat(shard.unsettled(5, 1)).isEmpty();
    assertThat(shard.granted(5, 1, 120)).isEmpty();
    assertThat(shard.placed(at(ME, 5, MOVE), ME, 2_000_000)).isEmpty();
    assertThat(shard.tenure()).isInstanceOf(Tenure.Renounced.class);
    assertThat(shard.placed(at(ME, 5, null), ME, 2_000_001)).containsExactly(new Action.Serve());
  }

  @Test
  void renounced_released_drops() {
    renounced();
    assertThat(shard.placed(at(OTHER, 6, null), ME, 2_000)).containsExactly(new Action.Drop());
    assertThat(shard.tenure()).isEqualTo(new Tenure.Away());
  }

  @Test
  void awayAndBackBetweenTwoViews_dropsAndClaimsAnew_fromEveryTenure() {
    List<Runnable> tenures =
        List.of(
            () -> shard.placed(at(ME, 5, null), ME, 0),
            this::open,
            this::freezing,
            this::renounced);
    for (Runnable t : tenures) {
      shard.placed(at(OTHER, 4, null), ME, 0);
      t.run();
      assertThat(shard.placed(at(ME, 9, null), ME, 0))
          .containsExactly(new Action.Drop(), new Action.Claim(9, 1));
      assertThat(shard.granted(5, 1, 200)).as("the old claim's answer").isEmpty();
      assertThat(shard.placed(at(0, 9, null), ME, 0)).containsExactly(new Action.Drop());
    }
  }

  @Test
  void unsettled_dropsAndClaimsHigher() {
    open();
    assertThat(shard.unsettled(5, 2)).as("of another claim").isEmpty();
    assertThat(shard.unsettled(5, 1)).containsExactly(new Action.Drop(), new Action.Claim(5, 2));
    assertThat(shard.unsettled(5, 1)).as("told twice").isEmpty();
    shard.granted(5, 2, 130);
    shard.placed(at(ME, 5, MOVE), ME, 0);
    assertThat(shard.unsettled(5, 2))
        .as("while it freezes")
        .containsExactly(new Action.Drop(), new Action.Claim(5, 3));
    shard.granted(5, 3, 140);
    assertThat(shard.tick(1)).as("the move goes on").containsExactly(new Action.Freeze());
  }

  @Test
  void viewThatGoesBack_isABug() {
    open();
    assertThatThrownBy(() -> shard.placed(at(ME, 4, null), ME, 0))
        .isInstanceOf(Invariant.Broken.class);
  }

  /** Any order of events: a shard that renounced a move never serves again while that move may still be released. */
  @Test
  void anyHistory_nothingButAnAppliedAbortThawsARenouncedShard() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      HomeShard s = new HomeShard(0, QUIET);
      long epoch = 1;
      long home = OTHER;
      Move move = null;
      long id = 100;
      long now = 0;
      for (int i = 0; i < 300; i++) {
        now += random.nextInt(40);
        Tenure before = s.tenure();
        List<Action> actions = new ArrayList<>();
        switch (random.nextInt(9)) {
          case 0, 1 -> {
            int what = random.nextInt(3);
            if (what == 0 || home == OTHER) {
              home = random.nextInt(3) == 0 ? OTHER : ME;
              epoch += 1 + random.nextInt(3);
              move = null;
            } else if (move == null) {
              move = new Move(++id, OTHER, epoch + 1);
            } else {
              move = null;
            }
            // Some views are never seen.
            if (random.nextInt(3) > 0) {
              actions.addAll(s.placed(at(home, epoch, move), ME, now));
            }
          }
          case 2 -> actions.addAll(s.placed(at(home, epoch, move), ME, now));
          case 3 -> actions.addAll(s.granted(before.epoch(), 1 + random.nextInt(3), i));
          case 4 ->
              actions.addAll(s.refused(before.epoch(), 1 + random.nextInt(3), before.epoch(), 2));
          case 5 -> actions.addAll(s.unsettled(before.epoch(), 1 + random.nextInt(3)));
          case 6 -> actions.addAll(s.quiet(0));
          default -> actions.addAll(s.tick(now));
        }
        String at =
            "seed " + seed + " step " + i + ": " + before + " to " + s.tenure() + " by " + actions;
        if (before instanceof Tenure.Renounced r && s.tenure() instanceof Tenure.Open) {
          assertThat(home).as(at).isEqualTo(ME);
          assertThat(epoch).as(at).isEqualTo(r.epoch());
          assertThat(move == null || move.id() != r.move()).as(at).isTrue();
        }
        assertThat(s.tenure().epoch() == 0 || s.tenure().epoch() >= before.epoch()).as(at).isTrue();
        if (!(before instanceof Tenure.Away) && s.tenure().epoch() != before.epoch()) {
          assertThat(actions).as(at).contains(new Action.Drop());
        }
      }
    }
  }
}
