package dev.limpet.node;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.engine.Store;
import dev.limpet.engine.memory.MemoryGroup;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.call.CallServer;
import dev.limpet.node.call.Calls;
import dev.limpet.node.call.RemoteCalls;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.cluster.ClusterPart.Identity;
import dev.limpet.node.cluster.DeathWatch;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.cluster.GroupProposer;
import dev.limpet.node.cluster.Hello;
import dev.limpet.node.cluster.LedgerReplica;
import dev.limpet.node.cluster.ReachWatch;
import dev.limpet.node.cluster.Voters;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.MoveWatch;
import dev.limpet.node.home.Services;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.spi.Roles;
import dev.limpet.transport.Handler;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One of several nodes that share a JVM, for tests of applications. Membership, leases, evidence of death, routing, frames
 * over loopback, shards, turns, commits and moves are those of production; the ledger's log and the store are in memory
 * and given, and so is what may hold the node up. Thread-safe.
 */
public final class MemoryNode implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(MemoryNode.class.getName());
  private static final int LEDGER_GROUP = 1;

  private final Plan plan;
  private final Types types;
  private final Transport transport;
  private final Voters voters;
  private final ReplicatedLog log;
  private final ClusterPart cluster;
  private final LocalShards shards;
  private final RemoteCalls remote;
  private final LimpetNode node;
  private final Leaving leaving;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Who takes the frames of each kind, once there is someone. */
  private volatile Map<Integer, Handler> handlers = Map.of();

  /** What may hold a node up. Thread-safe. */
  public interface Holdup {
    /**
     * Returns when the next frame of another node may come in.
     *
     * @throws IOException if none ever will
     */
    void awaitFrom(String other) throws IOException;

    /** Returns when this node may go on with a turn; false if it must not. Fast while nothing holds it up. */
    boolean goesOn();
  }

  /** The lease's gate, behind whatever holds the node up. */
  private record HeldGate(Gate lease, Holdup holdup) implements Gate {
    @Override
    public long openNow() {
      return holdup.goesOn() ? lease.openNow() : SHUT;
    }

    @Override
    public boolean open(long nowNanos) {
      return holdup.goesOn() && lease.open(System.nanoTime());
    }

    @Override
    public boolean stillOpen(long nowNanos) {
      return holdup.goesOn() && lease.stillOpen(System.nanoTime());
    }

    @Override
    public boolean opensSoon(long nowNanos) {
      return lease.opensSoon(nowNanos);
    }

    @Override
    public String whyShut() {
      return lease.whyShut();
    }
  }

  /**
   * What a node is made of.
   *
   * @param store the way to the store; closed by whoever gave it
   * @param clock what processes see
   * @param holdup what may hold it up
   */
  public record Plan(
      String cluster,
      String node,
      Duration heartbeat,
      Duration lease,
      int shards,
      Duration deadline,
      List<Hosted<?>> hosted,
      Clock clock,
      Store store,
      Holdup holdup) {
    public Plan {
      hosted = List.copyOf(hosted);
    }

    Times times() {
      return Times.of(heartbeat.toNanos(), lease.toNanos());
    }
  }

  /**
   * Binds a free port on loopback, and starts this node's replica of the ledger.
   *
   * @param names of all nodes of the cluster, in an order that is the same for all
   * @throws dev.limpet.StartFailed if the hosted types are at fault
   */
  public MemoryNode(Plan plan, MemoryGroup ledger, List<String> names) {
    this.plan = plan;
    this.types = new Types(plan.hosted(), Roles.NONE);
    Times times = plan.times();
    LedgerReplica replica = new LedgerReplica(times);
    try {
      transport =
          keep(
              Transport.bind(
                  TransportConfig.on(Transport.loopback(0)),
                  null,
                  new Hello(plan.cluster(), plan.node()).greeting(),
                  this::onFrame,
                  hello -> plan.holdup().awaitFrom(Hello.decode(hello).node()),
                  lost -> LOG.log(Level.ERROR, "the port was lost", lost)));
      log = keep(ledger.start(plan.node(), replica));
    } catch (IOException e) {
      takeApart();
      throw new UncheckedIOException(e);
    }
    voters =
        new Voters(
            plan.node(),
            names.stream().map(name -> voter(name, "127.0.0.1:0")).toList(),
            0,
            (now, since) -> {});
    GroupProposer proposer = new GroupProposer(LEDGER_GROUP, plan.node(), log, voters, transport);
    cluster = keep(clusterPart(times, proposer));
    LateLimpet self = new LateLimpet(plan.node());
    Services services =
        new Services(
            plan.node(),
            self,
            plan.store(),
            plan.clock(),
            new HeldGate(cluster.gate(), plan.holdup()));
    shards =
        keep(
            new LocalShards(
                services,
                cluster.changes(),
                cluster::release,
                cluster::takeIn,
                new MemoryCourier(cluster, transport),
                MoveWatch.NONE));
    remote = new RemoteCalls(transport);
    Calls calls = new Calls(cluster, shards, remote);
    opened.push(calls::close);
    Inspections inspections = new Inspections(plan.node(), cluster, shards, transport);
    Troubles troubles = new Troubles(plan.node(), cluster, shards, transport);
    node =
        new LimpetNode(
            plan.node(),
            plan.deadline().toNanos(),
            types,
            shards,
            calls,
            cluster,
            inspections,
            troubles,
            this::close);
    self.is(node);
    CallServer callServer = new CallServer(cluster, shards, types.byName());
    leaving = new Leaving(cluster, callServer, calls, null, new AtomicBoolean());
    handlers =
        Map.of(
            FrameKind.CALL,
            callServer::onRequest,
            FrameKind.PROPOSE,
            in -> proposer.serve(in, Arrays.copyOfRange(in.body(), 1, in.body().length)),
            FrameKind.RENEW,
            in -> ClusteredNode.renew(in, cluster),
            FrameKind.INSPECT,
            inspections::serve,
            FrameKind.MEMORY,
            in -> MemoryCourier.serve(in, shards),
            FrameKind.REFUSED,
            cluster::serveRefused,
            FrameKind.TROUBLES,
            troubles::serve,
            FrameKind.FORM_STATUS,
            in -> in.reply(new byte[0]));
    cluster.seat(replica, log, null);
  }

  private static Voter voter(String name, String address) {
    return new Voter(name, "memory", address);
  }

  private ClusterPart clusterPart(Times times, GroupProposer proposer) {
    Identity identity =
        new Identity(
            plan.cluster(),
            plan.cluster(),
            plan.node(),
            UUID.randomUUID().toString(),
            "memory",
            address(),
            "",
            types.signature(),
            types.namedRoles(),
            Incarnation.UNKNOWN,
            false,
            plan.shards(),
            voters);
    return new ClusterPart(
        identity,
        times,
        new LedgerReplica(times),
        log,
        proposer,
        (leader, kind, body) -> {
          InetSocketAddress address = voters.address(leader);
          return address == null
              ? CompletableFuture.failedFuture(new IllegalStateException(leader + " is unknown"))
              : transport.link(address).request(kind, body, System.nanoTime() + times.lease());
        },
        why -> LOG.log(Level.ERROR, "node {0} can be no member: {1}", plan.node(), why));
  }

  private void onFrame(Inbound in) {
    Handler handler = handlers.get(in.kind());
    if (handler == null) {
      in.fail("this node is still starting, or does not know frames of kind " + in.kind());
    } else {
      handler.onRequest(in);
    }
  }

  /** Where the others reach it. */
  public String address() {
    return "127.0.0.1:" + transport.port();
  }

  /**
   * Says where all nodes are.
   *
   * @param since higher at each call
   */
  public void know(Map<String, String> addresses, long since) {
    voters.are(
        addresses.entrySet().stream().map(e -> voter(e.getKey(), e.getValue())).toList(), since);
  }

  /** Joins. To be called once, after {@link #know}. */
  public void start() {
    ReachWatch reach =
        keep(
            new ReachWatch(
                cluster,
                plan.node(),
                transport,
                () -> plan.store().commit(List.of()).thenApply(Store.Committed::index),
                plan.times()));
    cluster.reaching(reach::reach);
    reach.start();
    cluster.start(shards, remote::placed);
    keep(new Sweeper(shards));
    keep(new DeathWatch(cluster, transport, RefusedPorts.LOOPBACK, cluster::reportRefused)).start();
  }

  /** Waits until it serves; false if the time is over first. */
  public boolean awaitServing(long untilNanos) throws InterruptedException {
    return cluster.awaitServing(shards, untilNanos);
  }

  /** The way to its processes, and what it knows of the cluster. */
  public LimpetNode limpet() {
    return node;
  }

  /** One line for people about its membership. */
  public String standing() {
    return cluster.standing();
  }

  /** Ends processes that are idle by the clock. */
  public void passivate() {
    int unused = shards.passivate();
  }

  /** Hands its processes over and leaves, within a bound; to be closed afterwards. */
  public void leave() {
    leaving.close();
  }

  /** Ends it without a word to anyone, as a crash does. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      takeApart();
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  private void takeApart() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.log(Level.WARNING, "closing " + part.getClass().getSimpleName() + " failed", e);
      }
    }
  }
}
