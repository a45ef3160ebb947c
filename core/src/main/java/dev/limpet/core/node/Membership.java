package dev.limpet.core.node;

import dev.limpet.core.Invariant;
import dev.limpet.core.lease.Lease;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.Outcome.Reason;
import dev.limpet.core.ledger.Placement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's own part in the cluster: joining, renewing its lease, lapsing, and joining anew when its registration has
 * ended. Events in, actions out; the node carries the actions out in order. Times are this process's monotonic clock.
 * Not thread-safe; publish {@link #registration()} and {@link #beginsUntil()} to other threads after each event.
 */
/*
 * Three things must not be confused. To be a member is to have a registration in the ledger: shards are at home with it,
 * and stay so while the node is silent for less than a lease. To hold is to have a lease: only then may anything begin.
 * To have ended is to know from the ledger that the registration is over: every copy is dropped, for ever (rule 1),
 * while a mere lapse keeps them (rule 5).
 *
 * Answers come late, twice and out of order, so each names the registration that it is about, and those about an
 * earlier one are ignored. A join may have been applied though its answer was lost; it is sent again unchanged (same
 * boot), and the ledger answers with the same registration.
 */
public final class Membership {
  private final String node;
  private final Times times;
  private Standing standing = new Standing.Idle();
  private @Nullable Lease lease;
  private long lastEnded;
  private long appliedIndex;
  private long lastSent;
  private long lastTick;
  private boolean ticked;
  private boolean held;
  private long resumesBy = Long.MIN_VALUE; // after a pause
  private boolean typesDiffer;
  private long typesDifferSince;

  /** What the node is to the cluster. */
  public sealed interface Standing {
    /** Not started. */
    record Idle() implements Standing {}

    /**
     * Asks to be a member.
     *
     * @param hindrance why the last attempt was refused, or empty
     */
    record Joining(String hindrance) implements Standing {}

    /** A member; whether it may begin anything is the lease's to say. */
    record Member(long registration) implements Standing {}

    /** Its turns are over; it waits for the ledger to say so. */
    record Leaving(long registration) implements Standing {}

    /** It is out, and stays out. */
    record Out(String why) implements Standing {}
  }

  /** What the node has to do. */
  public sealed interface Action {
    /** Propose this node's join, with the boot id of this start, and tell what came of it. Repeated by itself. */
    record Join() implements Action {}

    /** From here on shards whose home is that registration are this node's: show the placement to them. */
    record Enter(long registration) implements Action {}

    /** Send this to the leader of the ledger now; a lost one is replaced by the next. */
    record Renew(Renewal renewal) implements Action {}

    /** The lease holds: calls are let in. */
    record Resume() implements Action {}

    /** The lease does not hold any more: nothing begins, everything is kept, callers are answered so. */
    record Lapse() implements Action {}

    /** That registration has ended: forget every copy, and every claim, of every shard. */
    record DropAll(long registration) implements Action {}

    /** Propose the leave of that registration. Repeated by itself. */
    record Leave(long registration) implements Action {}

    /** This node cannot be a member; stop it with that explanation. */
    record GiveUp(Reason reason, String detail) implements Action {}
  }

  public Membership(String node, Times times) {
    this.node = node;
    this.times = times;
  }

  public Standing standing() {
    return standing;
  }

  /** The registration that this node is a member under, or 0. */
  public long registration() {
    return standing instanceof Standing.Member m ? m.registration() : 0;
  }

  /** Nothing is begun from this time on; {@link Long#MIN_VALUE} when nothing may be begun at all. */
  public long beginsUntil() {
    return lease == null ? Long.MIN_VALUE : lease.beginsUntil();
  }

  /**
   * The time until which it is worth waiting for a lease that does not hold. After a pause of this process the renewal that
   * was sent then should be answered by that time; a lease that ran out because renewals were late should be renewed.
   * {@link Long#MIN_VALUE} if there was never a lease, or the registration has ended.
   */
  public long resumesBy() {
    long until = beginsUntil();
    return until == Long.MIN_VALUE ? resumesBy : until + times.deaf();
  }

  /** Whether something may be begun now. */
  public boolean holds(long now) {
    return lease != null && lease.holds(now);
  }

  /** The node is ready to be a member. */
  public List<Action> start(long now) {
    Invariant.check(standing instanceof Standing.Idle, "a node starts once");
    List<Action> out = new ArrayList<>();
    join(out, "", now);
    return out;
  }

  /** To be called about every quarter of a heartbeat; a gap of more than {@link Times#pause()} counts as a pause. */
  public List<Action> tick(long now) {
    boolean gap = ticked && now - lastTick > times.pause();
    ticked = true;
    lastTick = now;
    List<Action> out = new ArrayList<>();
    if (gap) {
      woke(out, now);
    }
    if (now - lastSent >= times.heartbeat()) {
      switch (standing) {
        case Standing.Idle ignored -> {}
        case Standing.Joining ignored -> {
          lastSent = now;
          out.add(new Action.Join());
        }
        case Standing.Member ignored -> renew(out, now);
        case Standing.Leaving s -> {
          lastSent = now;
          out.add(new Action.Leave(s.registration()));
        }
        case Standing.Out ignored -> {}
      }
    }
    return edge(out, now);
  }

  /** This process was paused, or its machine suspended, as another clock gave away. */
  public List<Action> paused(long now) {
    List<Action> out = new ArrayList<>();
    woke(out, now);
    return edge(out, now);
  }

  private void woke(List<Action> out, long now) {
    if (lease != null && !lease.ended()) {
      lease.paused(now);
      resumesBy = now + times.deaf();
      renew(out, now);
    }
  }

  /** A join was applied. */
  public List<Action> joined(long registration, long now) {
    List<Action> out = new ArrayList<>();
    switch (standing) {
      case Standing.Idle ignored -> {}
      case Standing.Joining ignored -> enter(out, registration, now);
      case Standing.Member m -> {
        if (registration > m.registration()) {
          // The ledger has given this node another registration, so the former one has ended.
          end(out);
          enter(out, registration, now);
        }
      }
      case Standing.Leaving ignored -> {}
      case Standing.Out ignored -> {}
    }
    return edge(out, now);
  }

  private void enter(List<Action> out, long registration, long now) {
    if (registration <= lastEnded) {
      return; // An answer to an earlier join, whose registration is over by now.
    }
    standing = new Standing.Member(registration);
    lease = new Lease(node, registration, times);
    lease.viewReached(appliedIndex);
    out.add(new Action.Enter(registration));
    renew(out, now);
  }

  /** A join was refused. */
  public List<Action> joinRefused(Reason reason, String detail, long now) {
    if (!(standing instanceof Standing.Joining)) {
      return List.of();
    }
    standing = new Standing.Joining(detail);
    return switch (reason) {
      // The lease of this node's earlier start must end first, or the first entry is on its way.
      case NAME_TAKEN, NOT_FORMED, NOT_A_MEMBER, OVERTAKEN, STILL_A_MEMBER -> List.of();
      case DRAINED, NOT_PINNED, TOO_MANY_PINS, LACKS_ROLE -> List.of(); // no answer to a join
      case OTHER_CLUSTER -> giveUp(reason, detail);
      case TYPES_DIFFER -> {
        // Those that differ may be dead and not expired yet: the whole cluster was stopped and a
        // new version started.
        if (!typesDiffer) {
          typesDiffer = true;
          typesDifferSince = now;
        }
        yield now - typesDifferSince > 2 * times.grace() ? giveUp(reason, detail) : List.of();
      }
    };
  }

  private List<Action> giveUp(Reason reason, String detail) {
    standing = new Standing.Out(detail);
    return List.of(new Action.GiveUp(reason, detail));
  }

  /** A renewal of that registration was applied at that ledger index, and accepted. */
  public List<Action> acknowledged(long registration, long sequence, long index, long now) {
    if (lease == null || registration != registration()) {
      return List.of();
    }
    lease.acknowledged(sequence, index);
    return edge(new ArrayList<>(), now);
  }

  /** A renewal of that registration was applied and rejected: it has ended. */
  public List<Action> rejected(long registration, long now) {
    List<Action> out = new ArrayList<>();
    if (registration != 0 && registration == current()) {
      over(out, now);
    }
    return edge(out, now);
  }

  /**
   * This node's replica has applied everything up to an index, and this is the placement since.
   *
   * @param applied the last applied entry, at least the placement's index
   */
  public List<Action> viewReached(Placement view, long applied, long now) {
    appliedIndex = Math.max(appliedIndex, applied);
    List<Action> out = new ArrayList<>();
    long registration = current();
    if (registration != 0 && applied >= registration && !view.members().containsKey(registration)) {
      over(out, now);
    } else if (lease != null) {
      lease.viewReached(applied);
    }
    return edge(out, now);
  }

  /** The node's turns are over and its shards are away; from here on nothing begins. */
  public List<Action> leave(long now) {
    List<Action> out = new ArrayList<>();
    switch (standing) {
      case Standing.Member m -> {
        endLease();
        standing = new Standing.Leaving(m.registration());
        lastSent = now;
        out.add(new Action.Leave(m.registration()));
      }
      case Standing.Idle ignored -> standing = new Standing.Out("never joined");
      case Standing.Joining ignored -> standing = new Standing.Out("left before it had joined");
      case Standing.Leaving ignored -> {}
      case Standing.Out ignored -> {}
    }
    return edge(out, now);
  }

  /** The leave of that registration was applied. */
  public List<Action> left(long registration, long now) {
    List<Action> out = new ArrayList<>();
    if (standing instanceof Standing.Leaving s && s.registration() == registration) {
      over(out, now);
    }
    return edge(out, now);
  }

  private long current() {
    return switch (standing) {
      case Standing.Member m -> m.registration();
      case Standing.Leaving s -> s.registration();
      case Standing.Idle ignored -> 0;
      case Standing.Joining ignored -> 0;
      case Standing.Out ignored -> 0;
    };
  }

  private void over(List<Action> out, long now) {
    boolean leaving = standing instanceof Standing.Leaving;
    end(out);
    if (leaving) {
      standing = new Standing.Out("left");
    } else {
      join(out, "the registration has ended", now);
    }
  }

  private void end(List<Action> out) {
    long registration = current();
    lastEnded = Math.max(lastEnded, registration);
    endLease();
    lease = null;
    out.add(new Action.DropAll(registration));
  }

  private void endLease() {
    resumesBy = Long.MIN_VALUE;
    if (lease != null) {
      lease.end();
    }
  }

  private void join(List<Action> out, String hindrance, long now) {
    standing = new Standing.Joining(hindrance);
    typesDiffer = false;
    lastSent = now;
    out.add(new Action.Join());
  }

  private void renew(List<Action> out, long now) {
    if (lease != null && !lease.ended()) {
      lastSent = now;
      out.add(new Action.Renew(lease.renew(now)));
    }
  }

  /** Tells of the change when the lease began or ceased to hold. */
  private List<Action> edge(List<Action> out, long now) {
    boolean holds = holds(now);
    if (holds != held) {
      held = holds;
      // A lapse is told before what follows from it, so that calls are refused before copies are
      // dropped.
      out.add(holds ? out.size() : 0, holds ? new Action.Resume() : new Action.Lapse());
    }
    return out;
  }
}
