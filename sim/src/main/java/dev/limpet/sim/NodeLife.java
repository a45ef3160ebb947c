package dev.limpet.sim;

import dev.limpet.core.lease.DeathReports;
import dev.limpet.core.lease.Grantor;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.HostedTypes;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.Planner;
import dev.limpet.core.ledger.Reach;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.core.node.Membership;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one start of a node knows and does: its replicas of both logs, its membership, its homes and calls. */
final class NodeLife {
  private final SimNode node;
  private final Cluster cluster;
  private final Simulation sim;
  private final String boot;
  private final Set<String> roles = new TreeSet<>();
  private final LedgerState ledger = new LedgerState();
  private final Grantor grantor;
  private final DeathReports deaths;
  private final Membership membership;
  private final SimStore store;
  private final Homes homes;
  private final Calls calls;
  private final Map<Long, Long> memberSince = new HashMap<>();
  private long ledgerApplied;
  private long storeApplied;
  private boolean leads;
  private boolean leaving;
  private long plannedAt;
  private long probedAt;

  /** When each member last answered, by the time at which it was asked; by name. */
  private final Map<String, Long> answeredAt = new HashMap<>();

  private long storeTookAt;
  private boolean storeAsked;
  private boolean wasMember;
  private long clocksApart;

  NodeLife(SimNode node, Cluster cluster) {
    this.node = node;
    this.cluster = cluster;
    this.sim = cluster.sim();
    this.boot = node.name() + "-" + node.starts();
    if (cluster.config().roles() && (node.number() == 0 || sim.chance(0.5))) {
      roles.add(Cluster.ROLE);
    }
    this.grantor = new Grantor(cluster.times());
    this.deaths = new DeathReports(cluster.times().lease() / 3);
    this.membership = new Membership(node.name(), cluster.times());
    this.store = new SimStore();
    this.homes = new Homes(node, this, cluster);
    this.calls = new Calls(node, this, cluster);
    this.clocksApart = node.wallClock() - node.clock();
    this.storeTookAt = node.clock();
  }

  void start() {
    cluster.ledger().start(node.number(), ledgerReplica());
    cluster.store().start(node.number(), storeReplica());
    run(membership.start(node.clock()));
    tick();
  }

  /** The process is gone: whoever waited for it hears so from its own end. */
  void lost() {
    calls.lost();
  }

  /** What this start of the node holds. */
  Set<String> roles() {
    return roles;
  }

  Homes homes() {
    return homes;
  }

  Calls calls() {
    return calls;
  }

  Placement view() {
    return ledger.placement();
  }

  long ledgerApplied() {
    return ledgerApplied;
  }

  long storeApplied() {
    return storeApplied;
  }

  SimStore store() {
    return store;
  }

  long registration() {
    return membership.registration();
  }

  boolean holds() {
    return membership.holds(node.clock());
  }

  /** Whether a turn may begin; compares the clocks first, as every turn does. */
  boolean mayBegin() {
    compareClocks();
    return holds();
  }

  /** Whether a turn could begin, were there a call: a machine that has just woken up looks at its clocks first. */
  boolean wouldBegin() {
    return holds() && !sleptThrough();
  }

  private boolean sleptThrough() {
    return node.wallClock() - node.clock() - clocksApart > cluster.times().guard() / 2;
  }

  private void compareClocks() {
    if (sleptThrough()) {
      clocksApart = node.wallClock() - node.clock();
      run(membership.paused(node.clock()));
    }
  }

  private void tick() {
    compareClocks();
    long now = node.clock();
    run(membership.tick(now));
    for (Command c : grantor.tick(now)) {
      grant(c);
    }
    homes.tick();
    if (now - probedAt >= cluster.times().heartbeat() / 2) {
      probedAt = now;
      probe(now);
      askTheStore(now);
    }
    if (leads) {
      expireTheDead(now);
    }
    if (leads && now - plannedAt > cluster.times().heartbeat()) {
      plannedAt = now;
      plan(now);
    }
    if (leaving && homes.none() && membership.standing() instanceof Membership.Standing.Member) {
      run(membership.leave(now));
    }
    node.after(cluster.times().heartbeat() / 4, this::tick);
  }

  /** Knocks at every other member's port, and tells the leader of each refusal (rule 6). */
  private void probe(long now) {
    long self = registration();
    for (Member m : view().members().values()) {
      if (!m.name().equals(node.name())) {
        int to = cluster.number(m.name());
        Runnable refused = () -> report(m.registration(), self);
        Runnable answered = () -> answeredAt.merge(m.name(), now, Math::max);
        answeredAt.putIfAbsent(m.name(), now);
        cluster
            .net()
            .send(
                node.number(), to, () -> cluster.net().send(to, node.number(), answered), refused);
      }
    }
  }

  private void askTheStore(long now) {
    if (storeAsked || now - storeTookAt <= cluster.times().lease() / 2) {
      return;
    }
    storeAsked = true;
    new Proposal<>(
            node,
            cluster,
            cluster.store(),
            new SimStore.Entry.Nothing(),
            false,
            (applied, attempts) -> {
              storeAsked = false;
              if (applied != null && storeApplied >= applied.index()) {
                storeTookAt = now;
              }
            })
        .send();
  }

  /** What this node reaches (rule 3). */
  private Reach reach() {
    long now = node.clock();
    long lease = cluster.times().lease();
    int members = 1;
    int reached = 1;
    for (Member m : view().members().values()) {
      if (!m.name().equals(node.name())) {
        members++;
        reached += now - answeredAt.getOrDefault(m.name(), now) <= lease ? 1 : 0;
      }
    }
    return new Reach(now - storeTookAt <= lease, 2 * reached > members);
  }

  /** Tells the leader that a port was refused. */
  void report(long registration, long prober) {
    if (prober == 0) {
      return;
    }
    int leader = cluster.ledger().leader();
    if (leader >= 0) {
      cluster
          .net()
          .send(
              node.number(),
              leader,
              () -> {
                NodeLife at = cluster.lifeOf(leader);
                at.deaths.refused(registration, prober, at.node.clock());
              });
    }
  }

  private void expireTheDead(long now) {
    for (Member m :
        deaths.proven(
            view(),
            r -> {
              long silent = grantor.silentFor(r, now);
              return silent >= 0 && silent < cluster.times().lease();
            },
            now)) {
      propose(
          new Command.Expire(m.name(), m.registration(), ledger.sequenceOf(m.registration())),
          false,
          r -> {});
    }
  }

  private void plan(long now) {
    long patience = 2 * cluster.times().lease();
    List<Command.MoveWish> moves =
        Planner.moves(
            view(),
            m -> grantor.holdingFor(m.registration(), now) >= 0,
            m ->
                now - memberSince.getOrDefault(m.registration(), now) > patience
                    && grantor.silentFor(m.registration(), now) < 2 * cluster.times().heartbeat(),
            4);
    if (!moves.isEmpty()) {
      propose(new Command.StartMoves(moves), false, r -> {});
    }
  }

  /** Sends a command of the grantor's, even if this node has been deposed meanwhile: its knowledge may be old. */
  private void grant(Command command) {
    propose(
        command,
        sim.chance(0.1),
        applied -> {
          if (command instanceof Command.Renew renew
              && applied != null
              && applied.result().outcome() instanceof Outcome.Renewed outcome) {
            acknowledge(renew, outcome, applied.index());
          }
        });
  }

  private void acknowledge(Command.Renew renew, Outcome.Renewed outcome, long index) {
    for (int i = 0; i < renew.renewals().size(); i++) {
      Command.Renewal r = renew.renewals().get(i);
      boolean accepted = outcome.accepted().get(i);
      int to = cluster.number(r.node());
      cluster.net().send(node.number(), to, () -> cluster.lifeOf(to).answered(r, accepted, index));
    }
  }

  private void answered(Command.Renewal r, boolean accepted, long index) {
    if (accepted) {
      run(membership.acknowledged(r.registration(), r.sequence(), index, node.clock()));
    } else {
      run(membership.rejected(r.registration(), node.clock()));
    }
  }

  /** Empties this node and leaves. */
  void leave() {
    leaving = true;
    propose(new Command.Drain(node.name()), true, r -> {});
  }

  boolean left() {
    return membership.standing() instanceof Membership.Standing.Out;
  }

  void propose(
      Command command, boolean again, Consumer<SimLog.@Nullable Applied<LedgerState.Result>> then) {
    new Proposal<>(
            node,
            cluster,
            cluster.ledger(),
            command,
            again,
            (applied, attempts) -> then.accept(applied))
        .send();
  }

  private void run(List<Membership.Action> actions) {
    for (Membership.Action action : actions) {
      switch (action) {
        case Membership.Action.Join ignored -> join();
        case Membership.Action.Enter a -> {
          wasMember = true;
          sim.say(node.name() + " enters as registration " + a.registration());
          if (view().drained().contains(node.name())) {
            propose(new Command.Undrain(node.name()), true, r -> {});
          }
          homes.placed(view(), a.registration());
        }
        case Membership.Action.Renew a -> {
          int leader = cluster.ledger().leader();
          if (leader >= 0) {
            Command.Renewal r = a.renewal().reaching(reach());
            cluster.net().send(node.number(), leader, () -> cluster.lifeOf(leader).offer(r));
          }
        }
        case Membership.Action.Resume ignored -> {
          sim.say(node.name() + " holds a lease");
          calls.again();
        }
        case Membership.Action.Lapse ignored -> sim.say(node.name() + " has lapsed");
        case Membership.Action.DropAll a -> {
          sim.say(node.name() + " drops registration " + a.registration());
          homes.placed(view(), 0);
          calls.again();
        }
        case Membership.Action.Leave a ->
            propose(
                new Command.Leave(node.name(), a.registration()),
                false,
                applied -> {
                  if (applied != null) {
                    run(membership.left(a.registration(), node.clock()));
                  }
                });
        case Membership.Action.GiveUp a ->
            throw new Checks.Violation(node.name() + " gave up: " + a.detail());
      }
    }
  }

  private void offer(Command.Renewal r) {
    boolean taken = grantor.offer(r, node.clock());
    if (!taken && leads) {
      sim.say(node.name() + " does not take " + r);
    }
  }

  private void join() {
    if (wasMember && !reach().all()) {
      return;
    }
    Command.Join join =
        new Command.Join(
            node.name(),
            boot,
            "disk-" + node.name(),
            "a",
            "h",
            HostedTypes.title("counter", cluster.config().roles() ? Cluster.ROLE : ""),
            new Incarnation("lock-" + node.name(), node.starts(), 1),
            predecessor(),
            roles);
    propose(
        join,
        sim.chance(0.2),
        applied -> {
          if (applied == null) {
            return;
          }
          long now = node.clock();
          switch (applied.result().outcome()) {
            case Outcome.Joined o -> run(membership.joined(o.registration(), now));
            case Outcome.Refused o -> run(membership.joinRefused(o.reason(), o.detail(), now));
            case Outcome.Done ignored -> throw new Checks.Violation("a join is never just done");
            case Outcome.Renewed ignored -> throw new Checks.Violation("a join is no renewal");
          }
        });
  }

  /** The registration of an earlier start: in this model one start of a node has the lock only when the last has ended. */
  private long predecessor() {
    @Nullable Member namesake = view().member(node.name());
    return namesake == null || namesake.boot().equals(boot) ? 0 : namesake.registration();
  }

  private SimLog.Replica<Command, LedgerState.Result> ledgerReplica() {
    return new SimLog.Replica<>() {
      @Override
      public LedgerState.Result apply(long index, Command entry) {
        return ledgerEntry(index, entry);
      }

      @Override
      public void leads(boolean leading) {
        leads = leading;
        if (leading) {
          grantor.leads(node.clock());
        } else {
          grantor.follows();
        }
      }
    };
  }

  private LedgerState.Result ledgerEntry(long index, Command entry) {
    Placement before = view();
    LedgerState.Result result = ledger.apply(index, entry);
    ledgerApplied = index;
    long now = node.clock();
    if (entry instanceof Command.Renew renew) {
      grantor.applied(renew, now);
    }
    if (!result.decisions().isEmpty()) {
      grantor.membersAre(view(), now);
      memberSince.keySet().retainAll(view().members().keySet());
      for (Member m : view().members().values()) {
        memberSince.putIfAbsent(m.registration(), now);
      }
      List<ShardHome> shards = before.shards();
      for (int s = 0; s < shards.size(); s++) {
        Checks.that(
            view().shards().get(s).epoch() >= shards.get(s).epoch(),
            "an epoch went back on " + node.name());
      }
    }
    run(membership.viewReached(view(), index, now));
    if (!result.decisions().isEmpty()) {
      homes.placed(view(), registration());
      calls.again();
    } else {
      calls.viewReached();
    }
    return result;
  }

  private SimLog.Replica<SimStore.Entry, SimStore.Reply> storeReplica() {
    return new SimLog.Replica<>() {
      @Override
      public SimStore.Reply apply(long index, SimStore.Entry entry) {
        SimStore.Reply reply = store.apply(index, entry);
        storeApplied = index;
        homes.turns().storeReached();
        return reply;
      }

      @Override
      public void leads(boolean leading) {}
    };
  }
}
