package dev.limpet.core.home;

import dev.limpet.core.Invariant;
import dev.limpet.core.home.Tenure.Away;
import dev.limpet.core.home.Tenure.Claiming;
import dev.limpet.core.home.Tenure.Freezing;
import dev.limpet.core.home.Tenure.Open;
import dev.limpet.core.home.Tenure.Renounced;
import dev.limpet.core.ledger.ShardHome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One shard's life on one node. Not thread-safe: its node feeds it one event at a time and carries out the actions in
 * order; other threads may read the {@link Tenure} that it publishes.
 *
 * <pre>
 *            placement: ours              granted               placement: move
 *   Away ────────────────────► Claiming ──────────► Open ──────────────────────► Freezing
 *    ▲                            ▲                  │ ▲ aborted, or not quiet in time │ quiet
 *    │ placement: not ours        │ unsettled        │ └───────────────◄───────────────┤
 *    └── from every state         └──────────────────┘ ◄──── aborted ── Renounced ◄────┘
 * </pre>
 */
public final class HomeShard {
  /** How many times longer than its turns the commits of a freeze may take. */
  private static final int SAVED_WITHIN_FACTOR = 40;

  private final int shard;
  private final long quietWithin;
  private Tenure tenure = Tenure.Away.AWAY;
  private long thawedUntil = Long.MIN_VALUE;
  private long thawedMove;
  private ShardHome.@Nullable Move wanted;
  private int thaws;
  private boolean turnsOver;

  /** What the node has to do. */
  public sealed interface Action {
    /** Send the claim to the store, again and again until it is answered. */
    record Claim(long epoch, long number) implements Action {}

    /** Let waiting calls in. */
    record Serve() implements Action {}

    /**
     * Begin no further turns but those of running chains; when none runs and all is saved, send the memory of the
     * processes ahead, and report {@link HomeShard#quiet} or {@link HomeShard#giveUp}.
     */
    record Freeze() implements Action {}

    /** Propose the release, again and again until the placement shows what became of it. */
    record Release(long move, long image) implements Action {}

    /** Forget all processes; what was not acknowledged is not: the calls fail, or go to the new home. */
    record Drop() implements Action {}
  }

  /**
   * A shard that is away.
   *
   * @param quietWithin how long a freeze may last before it is given up for a while (rule 16)
   */
  public HomeShard(int shard, long quietWithin) {
    this.shard = shard;
    this.quietWithin = quietWithin;
  }

  public int shard() {
    return shard;
  }

  public Tenure tenure() {
    return tenure;
  }

  /** The placement as of a newer view. */
  public List<Action> placed(ShardHome now, long registration, long nowNanos) {
    wanted = now.move();
    if (now.home() != registration || registration == 0) {
      return leave();
    }
    if (tenure instanceof Away) {
      return claim(now.epoch(), 1);
    }
    Invariant.check(
        now.epoch() >= tenure.epoch(), "views come in order", now.epoch(), tenure.epoch());
    if (now.epoch() > tenure.epoch()) {
      // Away and back again between two looks: another owner may have been in between.
      tenure = Tenure.Away.AWAY;
      return List.of(new Action.Drop(), claim(now.epoch(), 1).getFirst());
    }
    return move(wanted, nowNanos);
  }

  private List<Action> leave() {
    if (tenure instanceof Away) {
      return List.of();
    }
    tenure = Tenure.Away.AWAY;
    thaws = 0;
    return List.of(new Action.Drop());
  }

  private List<Action> claim(long epoch, long number) {
    tenure = new Claiming(epoch, number);
    return List.of(new Action.Claim(epoch, number));
  }

  private List<Action> move(ShardHome.@Nullable Move move, long nowNanos) {
    return switch (tenure) {
      case Away ignored -> List.of();
      case Claiming ignored -> List.of();
      case Open t ->
          move == null || resting(move.id(), nowNanos) ? List.of() : freeze(t, move.id(), nowNanos);
      case Freezing t -> move != null && move.id() == t.move() ? List.of() : serve(t.open());
      case Renounced t -> move != null && move.id() == t.move() ? List.of() : serve(t.open());
    };
  }

  private boolean resting(long move, long nowNanos) {
    return move == thawedMove && nowNanos - thawedUntil < 0;
  }

  private List<Action> freeze(Open open, long move, long nowNanos) {
    turnsOver = false;
    tenure = new Freezing(open, move, nowNanos);
    return List.of(new Action.Freeze());
  }

  private List<Action> serve(Open open) {
    tenure = open;
    return List.of(new Action.Serve());
  }

  /** The store granted a claim; {@code index} is what loads must at least contain. */
  public List<Action> granted(long epoch, long claim, long index) {
    if (tenure instanceof Claiming t && t.epoch() == epoch && t.claim() == claim) {
      thaws = 0;
      return serve(new Open(epoch, claim, index));
    }
    return List.of();
  }

  /** The store refused a claim, since a higher one stands. */
  public List<Action> refused(long epoch, long claim, long standingEpoch, long standingClaim) {
    if (tenure instanceof Claiming t
        && t.epoch() == epoch
        && t.claim() == claim
        && standingEpoch == epoch) {
      // Only this node claims under this epoch: an earlier claim of ours was thought lost and was
      // not.
      return claim(epoch, standingClaim + 1);
    }
    // A higher epoch stands: the placement that says so is on its way.
    return List.of();
  }

  /**
   * The freeze has no turns any more, only commits under way. Those end by themselves, so they get more time than turns,
   * which may wait for each other.
   */
  public void turnsOver() {
    turnsOver = tenure instanceof Freezing;
  }

  /**
   * No turn runs and no commit is under way, and the target has the memory of the processes. From here on the shard is
   * given up for good.
   *
   * @param image names that memory; 0 if there was none
   */
  public List<Action> quiet(long image) {
    if (tenure instanceof Freezing t) {
      tenure = new Renounced(t.open(), t.move(), image);
      return List.of(new Action.Release(t.move(), image));
    }
    return List.of();
  }

  /** The freeze did not come to its end, for example because the target took no memory: served again, tried later. */
  public List<Action> giveUp(long nowNanos) {
    return tenure instanceof Freezing t ? thaw(t, nowNanos) : List.of();
  }

  private List<Action> thaw(Freezing t, long nowNanos) {
    thaws = Math.min(thaws + 1, 6);
    thawedMove = t.move();
    thawedUntil = nowNanos + (quietWithin << thaws);
    return serve(t.open());
  }

  /**
   * Time has passed: a freeze that did not become quiet is given up, and tried again later, ever more rarely; a move that
   * was asked for while the claim was under way begins.
   */
  public List<Action> tick(long nowNanos) {
    if (tenure instanceof Freezing t
        && nowNanos - t.since() > (turnsOver ? quietWithin * SAVED_WITHIN_FACTOR : quietWithin)) {
      return thaw(t, nowNanos);
    }
    return tenure instanceof Open ? move(wanted, nowNanos) : List.of();
  }

  /** It cannot be known what a commit did: claim again before anything is loaded (rule 10). */
  public List<Action> unsettled(long epoch, long claim) {
    boolean ours =
        switch (tenure) {
          case Open t -> t.epoch() == epoch && t.claim() == claim;
          case Freezing t -> t.open().epoch() == epoch && t.open().claim() == claim;
          case Away ignored -> false;
          case Claiming ignored -> false;
          case Renounced ignored -> false;
        };
    if (!ours) {
      return List.of();
    }
    return List.of(new Action.Drop(), claim(epoch, claim + 1).getFirst());
  }

  @Override
  public String toString() {
    return "shard " + shard + " " + tenure;
  }
}
