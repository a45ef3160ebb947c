package dev.limpet.node.cluster;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.OutcomeUnknown;
import dev.limpet.Unavailable;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.lease.ChildReport;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.Reach;
import dev.limpet.core.ledger.ShardCosts;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.core.route.Vacancies;
import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Proposer;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.door.Door;
import dev.limpet.node.home.Async;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.Signal;
import dev.limpet.transport.Inbound;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This node's part in the cluster, put together: the ledger's replica, the view, the membership with its lease, and the
 * leader's duties. Thread-safe.
 */
public final class ClusterPart implements Cluster, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ClusterPart.class.getName());
  private static final Duration PROPOSE_TIME = Duration.ofSeconds(5);
  private static final long VIEW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** For how many leases calls wait for an only node with a role to come back: a restart takes less. */
  private static final int ROLE_PATIENCE_LEASES = 10;

  private static final int RENEWAL_BYTES_MAX = 1_024;

  private final Identity identity;
  private final LedgerReplica feed;
  private final Times times;
  private volatile @Nullable Chair chair;
  private final ReplicatedLog log;
  private final Proposer ledger;
  private final LeaderLink link;
  private final Signal changes = new Signal();
  private final Vacancies vacancies; // guarded by itself
  private final Views views;
  private final MemberLoop members;
  private volatile Supplier<ShardCosts> costs = () -> ShardCosts.NONE;
  private final Watchers watchers = new Watchers();
  private final Set<Released> releases = new LinkedHashSet<>(); // guarded by itself
  private boolean releaseUnderWay; // guarded by releases
  private final Set<Integer> takeIns = ConcurrentHashMap.newKeySet(); // under way
  private volatile Consumer<Placement> onView = view -> {};

  /**
   * Who this node is to the cluster.
   *
   * @param name the cluster's name
   * @param types what it hosts, in the text that joins compare
   * @param roles what it holds
   * @param believesParents whether a parent's word that a node's process has ended counts here
   * @param voters who holds the logs
   */
  public record Identity(
      String name,
      String clusterId,
      String node,
      String boot,
      String storage,
      String clusterAddress,
      String httpAddress,
      String types,
      Set<String> roles,
      Incarnation incarnation,
      boolean believesParents,
      int shards,
      Voters voters) {}

  /** This node's own replica of the ledger, and what it does when it leads. */
  private record Chair(LedgerReplica replica, LeaderDuties duties) {}

  /** The way to the node that leads the ledger, when it is another one. */
  public interface LeaderLink {
    /** Sends a frame of a kind of {@link FrameKind}. */
    CompletableFuture<byte[]> send(String leader, int kind, byte[] body);
  }

  /**
   * Built, not started. A node with a replica of its own {@linkplain #seat is seated} before or later.
   *
   * @param feed takes what others' replicas tell
   * @param log the ledger's log, by a replica of this node's or another's
   * @param giveUp told when this node can never be a member
   */
  public ClusterPart(
      Identity identity,
      Times times,
      LedgerReplica feed,
      ReplicatedLog log,
      Proposer ledger,
      LeaderLink link,
      Consumer<String> giveUp) {
    this.identity = identity;
    this.feed = feed;
    this.times = times;
    this.vacancies = new Vacancies(ROLE_PATIENCE_LEASES * times.lease());
    this.log = log;
    this.ledger = ledger;
    this.link = link;
    Command.Join join =
        new Command.Join(
            identity.node(),
            identity.boot(),
            identity.storage(),
            identity.clusterAddress(),
            identity.httpAddress(),
            identity.types(),
            identity.incarnation(),
            0,
            identity.roles());
    this.members =
        new MemberLoop(join, times, ledger, renewal -> renew(renewal, link), changes, giveUp);
    this.views =
        new Views((view, applied) -> {
          synchronized (vacancies) {
            vacancies.viewed(view, System.nanoTime());
          }
          onView.accept(view);
          members.view(view, applied);
        });
  }

  private CompletableFuture<LeaderDuties.RenewalAnswer> renew(
      Command.Renewal renewal, LeaderLink link) {
    String leader = log.leadership().leader();
    if (leader == null) {
      return CompletableFuture.completedFuture(new LeaderDuties.RenewalAnswer.NotHere());
    }
    if (log.leadership().self() || leader.equals(identity.node())) {
      return renewHere(renewal, costs.get());
    }
    ByteWriter body = new ByteWriter(256);
    costs.get().encode(body.block(LedgerWire.encode(new Command.Renew(List.of(renewal)))));
    return link.send(leader, FrameKind.RENEW, body.toBytes())
        .thenApply(LeaderDuties.RenewalAnswer::decode);
  }

  /** Tells the leader that the port of a registration is refused; nobody is told twice what it did not hear. */
  public void reportRefused(long registration) {
    String leader = log.leadership().leader();
    long self = members.registration();
    if (leader == null || self == 0) {
      return;
    }
    if (log.leadership().self() || leader.equals(identity.node())) {
      refusedHere(registration, self);
    } else {
      byte[] body = new ByteWriter(20).number(registration).number(self).toBytes();
      CompletableFuture<byte[]> unused = link.send(leader, FrameKind.REFUSED, body);
    }
  }

  /** Answers {@link FrameKind#REFUSED}. */
  public void serveRefused(Inbound in) {
    ByteReader body = new ByteReader(in.body());
    refusedHere(body.number(), body.number());
    in.reply(new byte[0]);
  }

  private void refusedHere(long registration, long prober) {
    Chair now = chair;
    if (now != null) {
      now.duties.refused(registration, prober);
    }
  }

  private CompletableFuture<LeaderDuties.RenewalAnswer> renewHere(
      Command.Renewal renewal, ShardCosts told) {
    Chair now = chair;
    return now == null
        ? CompletableFuture.completedFuture(new LeaderDuties.RenewalAnswer.NotHere())
        : now.duties.renew(renewal, told);
  }

  /**
   * This node has a replica of the ledger of its own from now on: its entries count, and it does the leader's work when
   * it leads.
   *
   * @param log that replica's
   * @param voters looks after who votes; null where nobody else could
   */
  public void seat(LedgerReplica replica, ReplicatedLog log, @Nullable VoterDuties voters) {
    LeaderDuties duties =
        new LeaderDuties(replica, log, times, identity.clusterId(), identity.shards(), voters);
    chair = new Chair(replica, duties);
    replica.listen(views);
    replica.listen(watchers);
    duties.start();
    // What was applied before anyone listened.
    views.applied(log.appliedIndex(), replica.placement(), List.of());
  }

  /** This node has no replica any more. */
  public void unseat() {
    Chair before = chair;
    chair = null;
    if (before != null) {
      before.duties.close();
    }
  }

  /** Answers {@link FrameKind#RENEW}. */
  public CompletableFuture<byte[]> serveRenewal(byte[] body) {
    ByteReader in = new ByteReader(body);
    Command command = LedgerWire.decodeCommand(in.block(RENEWAL_BYTES_MAX));
    ShardCosts told = ShardCosts.decode(in);
    in.end();
    if (command instanceof Command.Renew renew && renew.renewals().size() == 1) {
      return renewHere(renew.renewals().getFirst(), told)
          .thenApply(LeaderDuties.RenewalAnswer::encode);
    }
    throw new IllegalArgumentException("not one renewal");
  }

  /**
   * Begins.
   *
   * @param viewTaken told of each view before this node acts by it, on the thread of the views
   */
  public void start(LocalShards shards, Consumer<Placement> viewTaken) {
    onView = viewTaken;
    feed.listen(views);
    feed.listen(watchers);
    costs = shards::costs;
    members.start(shards);
    views.start();
  }

  /**
   * Proposes that shards were renounced; to be repeated until the view shows what became of them. What comes while a
   * proposal is under way goes together in the next.
   */
  public void release(List<Released> released) {
    synchronized (releases) {
      releases.addAll(released);
      if (releaseUnderWay || releases.isEmpty()) {
        return;
      }
      releaseUnderWay = true;
      Command.Release command =
          new Command.Release(identity.node(), members.registration(), List.copyOf(releases));
      releases.clear();
      Async.whenDone(
          ledger.propose(LedgerWire.encode(command), PROPOSE_TIME),
          (applied, failure) -> released(failure));
    }
  }

  private void released(@Nullable Throwable failure) {
    if (failure != null) {
      LOG.log(Level.DEBUG, "a release brought no answer", failure);
    }
    synchronized (releases) {
      releaseUnderWay = false;
    }
    release(List.of());
  }

  /** Waits until this node serves; false if the time is over first. */
  public boolean awaitServing(LocalShards shards, long untilNanos) throws InterruptedException {
    while (System.nanoTime() - untilNanos < 0) {
      long seen = changes.version();
      Placement view = view();
      boolean placed =
          view.formed()
              && !view.members().isEmpty()
              && view.numbers().stream()
                  .allMatch(s -> view.homeOf(s) != null || view.holding(view.roleOf(s)).isEmpty());
      if (placed && gate().open(System.nanoTime()) && !shards.tenures().containsKey("claiming")) {
        return true;
      }
      boolean unused =
          changes.await(
              seen, Math.min(System.nanoTime() + 100_000_000L - untilNanos, 0) + untilNanos);
    }
    return false;
  }

  public void drain(String node) {
    Outcome unused = decide(new Command.Drain(node));
  }

  /** Gives processes a home of their own. */
  public PinOrders pins() {
    return new PinOrders(this);
  }

  public void undrain(String node) {
    Outcome unused = decide(new Command.Undrain(node));
  }

  /** Gives up the name of a node that is no member; refused otherwise. */
  public void forget(String node) {
    if (decide(new Command.Forget(node)) instanceof Outcome.Refused refused) {
      throw new CallRefused(ErrorCode.INVALID_ARGUMENT, refused.detail());
    }
  }

  /** Proposes that a pin has ended here; to be repeated until the view shows it. */
  public void takeIn(Command.TakeIn command) {
    if (takeIns.add(command.shard())) {
      Async.whenDone(
          ledger.propose(LedgerWire.encode(command), PROPOSE_TIME),
          (applied, failure) -> takeIns.remove(command.shard()));
    }
  }

  /** A parent's word that a node's process has ended: its lease ends at once, if the word is believed. */
  public void childEnded(ChildReport report) {
    String objection =
        identity.believesParents()
            ? report.objection(view(), members.registration())
            : "this node believes no parents (--evidence)";
    if (objection != null) {
      throw new CallRefused(ErrorCode.INVALID_ARGUMENT, "not believed: " + objection);
    }
    LOG.log(Level.INFO, "node {0} is dead: its parent has waited for its end", report.node());
    Outcome unused = decide(report.expiry());
  }

  /** Has a command decided by the ledger, and waits for its outcome, and until this node shows it. */
  Outcome decide(Command command) {
    try {
      Applied applied =
          ledger
              .propose(LedgerWire.encode(command), PROPOSE_TIME)
              .get(PROPOSE_TIME.toMillis() + 1000, TimeUnit.MILLISECONDS);
      awaitView(applied.index());
      return LedgerWire.decodeOutcome(applied.reply());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LogException l && !l.mayHaveRun()) {
        throw new Unavailable(
            ErrorCode.NO_QUORUM, Executed.NO, "the ledger cannot be written: " + l.getMessage());
      }
      throw new OutcomeUnknown("the ledger gave no answer: " + e.getCause());
    } catch (TimeoutException e) {
      throw new OutcomeUnknown("the ledger gave no answer in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknown("the calling thread was interrupted");
    }
  }

  /** Who ordered something and asks this node next should see it; a view that is late keeps nobody for long. */
  private void awaitView(long index) throws InterruptedException {
    long until = System.nanoTime() + VIEW_NANOS;
    long seen = changes.version();
    while (views.index() < index && changes.await(seen, until)) {
      seen = changes.version();
    }
  }

  /** Waits until this node has nothing to give away, nor is about to get anything, within a bound; false if it has. */
  private boolean awaitGivenAway(long registration, long until) throws InterruptedException {
    while (System.nanoTime() - until < 0 && view().hasToGive(registration)) {
      boolean unused = changes.await(changes.version(), System.nanoTime() + 50_000_000L);
    }
    return !view().hasToGive(registration);
  }

  /** Whether others stay that may not host what this node is home of: it is the last that holds a role. */
  public boolean leavesVacancy() {
    Placement now = view();
    long registration = members.registration();
    return registration != 0
        && now.members().values().stream()
            .anyMatch(m -> m.registration() != registration && !now.drained().contains(m.name()))
        && now.homes().stream().anyMatch(s -> s.home() == registration);
  }

  /**
   * Gives this node's shards away, and waits until they are, within a bound. It goes on as a member.
   *
   * @return false if what was in memory may get lost if it leaves now
   */
  public boolean handOver(Duration bound) throws InterruptedException {
    long until = System.nanoTime() + bound.toNanos();
    long registration = members.registration();
    if (registration != 0 && view().members().size() > 1) {
      try {
        drain(identity.node());
      } catch (Unavailable | OutcomeUnknown e) {
        LOG.log(Level.WARNING, "leaving without handing the shards over: {0}", e.getMessage());
        return false;
      }
      if (!awaitGivenAway(registration, until)) {
        LOG.log(Level.WARNING, "leaving, though not all shards were handed over in time");
        return false;
      }
    }
    return true;
  }

  /** After {@link #handOver}: waits for what was decided to move here just before it began, within a bound. */
  public void awaitGivenAway(Duration bound) throws InterruptedException {
    long registration = members.registration();
    boolean unused =
        registration == 0 || awaitGivenAway(registration, System.nanoTime() + bound.toNanos());
  }

  /** Ends this node's registration, and waits until the ledger says so, within a bound. */
  public void leave() throws InterruptedException {
    if (members.registration() == 0) {
      return;
    }
    members.leave();
    long leaveUntil = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    while (!members.isOut() && System.nanoTime() - leaveUntil < 0) {
      boolean unused = changes.await(changes.version(), System.nanoTime() + 50_000_000L);
    }
  }

  @Override
  public Placement view() {
    return views.current();
  }

  @Override
  public long viewIndex() {
    return views.index();
  }

  @Override
  public long registration() {
    return members.registration();
  }

  @Override
  public Gate gate() {
    return members.gate();
  }

  @Override
  public boolean isVacant(String role) {
    synchronized (vacancies) {
      return vacancies.lasting(role, System.nanoTime());
    }
  }

  @Override
  public Signal changes() {
    return changes;
  }

  public String name() {
    return identity.name();
  }

  /** The names of the nodes that hold the logs. */
  public List<String> voters() {
    return identity.voters().names();
  }

  /** Whether this node is one of them, with the disk that it has now. */
  public boolean votes() {
    return identity.voters().contains(identity.node(), identity.storage());
  }

  /** The names of all nodes that this one knows of: those that vote, and those that shards prefer. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(voters());
    view().shards().stream()
        .map(ShardHome::preferred)
        .filter(name -> !name.isEmpty())
        .forEach(names::add);
    return names;
  }

  /** Who leads the ledger, as far as this node knows. */
  public @Nullable String leader() {
    return log.leadership().leader();
  }

  public long leaseLeftNanos() {
    return members.leaseLeftNanos();
  }

  /** How long ago this node's replica applied the last renewal of a member; null if it has not seen one. */
  public @Nullable Long heardMillisAgo(long registration) {
    Chair now = chair;
    if (now == null) {
      return null;
    }
    long nanos = now.replica.withGrantor((g, at) -> g.silentFor(registration, at));
    return nanos < 0 ? null : (Long) TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /** From now on renewals say what this node reaches. */
  public void reaching(Supplier<Reach> what) {
    members.reaching(what);
  }

  /** What a member says that it reaches, as far as this node's replica knows. */
  public Reach reachOf(long registration) {
    Chair now = chair;
    return now == null ? Reach.ALL : now.replica.withGrantor((g, at) -> g.reachOf(registration));
  }

  /** One line for people about this node's membership. */
  public String standing() {
    return members.standing();
  }

  public AutoCloseable watch(Consumer<Door.Line> lines) {
    return watchers.add(lines);
  }

  @Override
  public void close() {
    unseat();
    members.close();
    views.close();
  }
}
