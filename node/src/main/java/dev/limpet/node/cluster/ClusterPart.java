package dev.limpet.node.cluster;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.OutcomeUnknown;
import dev.limpet.Unavailable;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Placement;
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
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This node's part in the cluster, put together: the ledger's replica, the view, the membership with its lease, and the
 * leader's duties. Thread-safe.
 */
public final class ClusterPart implements Cluster, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ClusterPart.class.getName());
  private static final Duration PROPOSE_TIME = Duration.ofSeconds(5);

  private final Identity identity;
  private final LedgerReplica replica;
  private final ReplicatedLog log;
  private final Proposer ledger;
  private final Signal changes = new Signal();
  private final Views views;
  private final MemberLoop members;
  private final LeaderDuties duties;
  private final Watchers watchers = new Watchers();
  private final Set<Released> releases = new LinkedHashSet<>(); // guarded by itself
  private boolean releaseUnderWay; // guarded by releases
  private final Set<Integer> takeIns = ConcurrentHashMap.newKeySet(); // under way
  private volatile Consumer<Placement> onView = view -> {};

  /**
   * Who this node is to the cluster.
   *
   * @param name the cluster's name
   * @param voters the names of the first nodes
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
      int shards,
      List<String> voters) {}

  /** Sends a renewal to the node that leads the ledger, when it is another one. */
  public interface RenewalLink {
    CompletableFuture<byte[]> send(String leader, byte[] renewal);
  }

  /**
   * Built, not started.
   *
   * @param giveUp told when this node can never be a member
   */
  public ClusterPart(
      Identity identity,
      Times times,
      LedgerReplica replica,
      ReplicatedLog log,
      Proposer ledger,
      RenewalLink link,
      Consumer<String> giveUp) {
    this.identity = identity;
    this.replica = replica;
    this.log = log;
    this.ledger = ledger;
    this.duties = new LeaderDuties(replica, log, times, identity.clusterId(), identity.shards());
    Command.Join join =
        new Command.Join(
            identity.node(),
            identity.boot(),
            identity.storage(),
            identity.clusterAddress(),
            identity.httpAddress(),
            identity.types());
    this.members =
        new MemberLoop(join, times, ledger, renewal -> renew(renewal, link), changes, giveUp);
    this.views =
        new Views((view, applied) -> {
          onView.accept(view);
          members.view(view, applied);
        });
  }

  private CompletableFuture<LeaderDuties.RenewalAnswer> renew(
      Command.Renewal renewal, RenewalLink link) {
    String leader = log.leadership().leader();
    if (leader == null) {
      return CompletableFuture.completedFuture(new LeaderDuties.RenewalAnswer.NotHere());
    }
    if (log.leadership().self() || leader.equals(identity.node())) {
      return duties.renew(renewal);
    }
    return link.send(leader, LedgerWire.encode(new Command.Renew(List.of(renewal))))
        .thenApply(LeaderDuties.RenewalAnswer::decode);
  }

  /** Answers {@link FrameKind#RENEW}. */
  public CompletableFuture<byte[]> serveRenewal(byte[] body) {
    if (LedgerWire.decodeCommand(body) instanceof Command.Renew renew
        && renew.renewals().size() == 1) {
      return duties
          .renew(renew.renewals().getFirst())
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
    replica.listen(views);
    replica.listen(watchers);
    members.start(shards);
    duties.start();
    views.start();
    // What was applied before anyone listened.
    views.applied(log.appliedIndex(), replica.placement(), List.of());
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
              && view.homes().stream().allMatch(s -> view.members().containsKey(s.home()));
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

  /** Proposes that a pin has ended here; to be repeated until the view shows it. */
  public void takeIn(Command.TakeIn command) {
    if (takeIns.add(command.shard())) {
      Async.whenDone(
          ledger.propose(LedgerWire.encode(command), PROPOSE_TIME),
          (applied, failure) -> takeIns.remove(command.shard()));
    }
  }

  /** Has a command decided by the ledger, and waits for its outcome. */
  Outcome decide(Command command) {
    try {
      Applied applied =
          ledger
              .propose(LedgerWire.encode(command), PROPOSE_TIME)
              .get(PROPOSE_TIME.toMillis() + 1000, TimeUnit.MILLISECONDS);
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

  /** Whether there is a member that takes shards: when all leave at once, none waits for another. */
  private boolean someoneStays() {
    Placement now = view();
    return now.members().values().stream().anyMatch(m -> !now.drained().contains(m.name()));
  }

  /** Gives this node's shards away, leaves, and waits for both, within a bound. */
  public void leave(Duration bound) throws InterruptedException {
    long until = System.nanoTime() + bound.toNanos();
    long registration = members.registration();
    if (registration == 0) {
      return;
    }
    if (view().members().size() > 1) {
      try {
        drain(identity.node());
      } catch (Unavailable | OutcomeUnknown e) {
        LOG.log(Level.WARNING, "leaving without handing the shards over: {0}", e.getMessage());
        until = System.nanoTime();
      }
      while (System.nanoTime() - until < 0
          && someoneStays()
          && view().homes().stream().anyMatch(s -> s.home() == registration)) {
        boolean unused = changes.await(changes.version(), System.nanoTime() + 50_000_000L);
      }
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
  public Signal changes() {
    return changes;
  }

  public String name() {
    return identity.name();
  }

  public List<String> voters() {
    return identity.voters();
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
    long nanos = replica.withGrantor((g, now) -> g.silentFor(registration, now));
    return nanos < 0 ? null : (Long) TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /** One line for people about this node's membership. */
  public String standing() {
    return members.standing();
  }

  public AutoCloseable watch(Consumer<Door.Line> lines) {
    return watchers.add(lines);
  }

  /** Passes the decisions on to whoever watches. */
  private static final class Watchers implements LedgerReplica.Listener {
    private final List<Consumer<Door.Line>> all = new java.util.concurrent.CopyOnWriteArrayList<>();

    AutoCloseable add(Consumer<Door.Line> lines) {
      all.add(lines);
      return () -> all.remove(lines);
    }

    @Override
    public void applied(long index, Placement view, List<Decision> decisions) {
      for (Decision d : decisions) {
        Door.Line line =
            new Door.Line(
                index,
                d.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT),
                d.describe());
        all.forEach(each -> each.accept(line));
      }
    }
  }

  @Override
  public void close() {
    duties.close();
    members.close();
    views.close();
  }
}
