package dev.limpet.node.cluster;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.Reach;
import dev.limpet.core.node.Membership;
import dev.limpet.core.node.Membership.Action;
import dev.limpet.engine.Proposer;
import dev.limpet.node.home.Async;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.Signal;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives this node's {@link Membership}: feeds it time, answers and views, one at a time, and carries out what it says.
 * Owns the gate that lets turns begin. Thread-safe.
 */
final class MemberLoop implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(MemberLoop.class.getName());

  private final Command.Join join;
  private final Times times;
  private final Proposer ledger;
  private final Renewals renewals;
  private final Signal changes;
  private final Consumer<String> giveUp;
  private final LeaseGate gate = new LeaseGate(this::clocksJumped);
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-membership").factory());

  // Guarded by this.
  private final Membership membership;
  private Supplier<Reach> reach = () -> Reach.ALL;
  private boolean wasMember;
  private @Nullable LocalShards shards;
  private Placement view = Placement.EMPTY;
  private volatile long registration;
  private volatile String standing = "not started";

  /** How renewals get to the leader of the ledger. */
  interface Renewals {
    /** Sends a renewal; the answer may never come. */
    CompletableFuture<LeaderDuties.RenewalAnswer> send(Renewal renewal);
  }

  /**
   * A node that is no member yet.
   *
   * @param giveUp told when this node can never be a member
   */
  MemberLoop(
      Command.Join join,
      Times times,
      Proposer ledger,
      Renewals renewals,
      Signal changes,
      Consumer<String> giveUp) {
    this.join = join;
    this.times = times;
    this.ledger = ledger;
    this.renewals = renewals;
    this.changes = changes;
    this.giveUp = giveUp;
    this.membership = new Membership(join.node(), times);
  }

  Gate gate() {
    return gate;
  }

  long registration() {
    return registration;
  }

  /** One line for people. */
  String standing() {
    return standing;
  }

  long leaseLeftNanos() {
    return gate.left(System.nanoTime());
  }

  /** From now on renewals say what this node reaches, and once it was a member it joins anew only when that is all. */
  synchronized void reaching(Supplier<Reach> what) {
    reach = what;
  }

  synchronized void start(LocalShards localShards) {
    shards = localShards;
    carryOut(membership.start(System.nanoTime()));
    long period = Math.max(times.heartbeat() / 4, 1_000_000);
    ScheduledFuture<?> unused =
        thread.scheduleAtFixedRate(this::tick, period, period, TimeUnit.NANOSECONDS);
  }

  private synchronized void tick() {
    try {
      long now = System.nanoTime();
      carryOut(gate.tick(now) ? membership.tick(now) : paused(now));
      if (shards != null && view.formed()) {
        shards.tick(view);
      }
    } catch (RuntimeException e) {
      Async.failed("the membership loop failed; it goes on with the next tick", e);
    }
  }

  private List<Action> paused(long now) {
    LOG.log(
        Level.WARNING,
        "node {0} was paused, or its wall clock was set: nothing begins until the lease is renewed",
        join.node());
    gate.agree();
    return membership.paused(now);
  }

  private synchronized void clocksJumped() {
    long now = System.nanoTime();
    if (gate.jumped(now)) {
      carryOut(paused(now));
    }
  }

  /** The view, as of an applied entry. */
  synchronized void view(Placement newer, long applied) {
    view = newer;
    if (shards != null && newer.formed()) {
      shards.placed(newer, membership.registration());
    }
    carryOut(membership.viewReached(newer, applied, System.nanoTime()));
    changes.raise();
  }

  /** Begins to leave; nothing begins any more. */
  synchronized void leave() {
    carryOut(membership.leave(System.nanoTime()));
  }

  synchronized boolean isOut() {
    return membership.standing() instanceof Membership.Standing.Out;
  }

  private void carryOut(List<Action> actions) {
    for (Action action : actions) {
      switch (action) {
        case Action.Join ignored -> join();
        case Action.Enter a -> enter(a.registration());
        case Action.Renew a -> renew(a.renewal());
        case Action.Resume ignored -> LOG.log(Level.INFO, "node {0} holds its lease", join.node());
        case Action.Lapse ignored ->
            LOG.log(
                Level.WARNING,
                "the lease of node {0} does not hold: calls are refused",
                join.node());
        case Action.DropAll a -> dropAll(a.registration());
        case Action.Leave a -> leave(a.registration());
        case Action.GiveUp a -> giveUp.accept(a.reason() + ": " + a.detail());
      }
    }
    registration = membership.registration();
    standing = membership.standing().toString();
    gate.opensBy(membership.resumesBy());
    gate.until(membership.beginsUntil(), "this node is no member of the cluster now: " + standing);
    if (!actions.isEmpty()) {
      changes.raise();
    }
  }

  private void enter(long newRegistration) {
    wasMember = true;
    LOG.log(Level.INFO, "node {0} is a member: registration {1}", join.node(), newRegistration);
    if (shards != null && view.formed()) {
      shards.placed(view, newRegistration);
    }
  }

  private void dropAll(long ended) {
    LOG.log(
        Level.WARNING,
        "registration {0} of node {1} has ended: its copies are dropped",
        ended,
        join.node());
    // Shut before anything is dropped, so that no turn of the ended registration passes in between.
    gate.until(Long.MIN_VALUE, "this node's registration has ended");
    if (shards != null) {
      shards.dropAll();
    }
  }

  private void join() {
    if (wasMember && !reach.get().all()) {
      return; // Asked again with the next heartbeat: it may have been let go for that.
    }
    Async.whenDone(
        ledger.propose(LedgerWire.encode(join.after(predecessor())), Duration.ofSeconds(3)),
        (applied, failure) -> {
          if (applied != null) {
            joined(LedgerWire.decodeOutcome(applied.reply()));
          }
        });
  }

  /** The registration of an earlier start of this node, whose lock on the data directory this one has now; else 0. */
  private long predecessor() {
    @Nullable Member namesake = view.member(join.node());
    return namesake == null || namesake.boot().equals(join.boot()) ? 0 : namesake.registration();
  }

  private synchronized void joined(Outcome outcome) {
    long now = System.nanoTime();
    switch (outcome) {
      case Outcome.Joined o -> carryOut(membership.joined(o.registration(), now));
      case Outcome.Refused o -> carryOut(membership.joinRefused(o.reason(), o.detail(), now));
      case Outcome.Done ignored -> {}
      case Outcome.Renewed ignored -> {}
    }
  }

  private void renew(Renewal renewal) {
    Async.whenDone(
        renewals.send(renewal.reaching(reach.get())),
        (answer, failure) -> {
          if (answer != null) {
            renewed(renewal, answer);
          }
        });
  }

  private synchronized void renewed(Renewal renewal, LeaderDuties.RenewalAnswer answer) {
    long now = System.nanoTime();
    switch (answer) {
      case LeaderDuties.RenewalAnswer.Accepted a ->
          carryOut(
              membership.acknowledged(renewal.registration(), renewal.sequence(), a.index(), now));
      case LeaderDuties.RenewalAnswer.Rejected ignored ->
          carryOut(membership.rejected(renewal.registration(), now));
      case LeaderDuties.RenewalAnswer.NotHere ignored -> {}
    }
  }

  private void leave(long leaving) {
    Async.whenDone(
        ledger.propose(
            LedgerWire.encode(new Command.Leave(join.node(), leaving)), Duration.ofSeconds(2)),
        (applied, failure) -> {
          if (applied != null) {
            left(leaving);
          }
        });
  }

  private synchronized void left(long leaving) {
    carryOut(membership.left(leaving, System.nanoTime()));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
