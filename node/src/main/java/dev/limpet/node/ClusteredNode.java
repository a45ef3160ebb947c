package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.Limpet;
import dev.limpet.StartFailed;
import dev.limpet.core.forming.Founder;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.core.ledger.Member;
import dev.limpet.engine.LogException;
import dev.limpet.engine.MergedLog;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.ledger.ratis.LogTuning;
import dev.limpet.node.call.CallServer;
import dev.limpet.node.call.Calls;
import dev.limpet.node.call.RemoteCalls;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.Agreement;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.cluster.ClusterPart.Identity;
import dev.limpet.node.cluster.DataDirectory;
import dev.limpet.node.cluster.DataDisk;
import dev.limpet.node.cluster.DeathWatch;
import dev.limpet.node.cluster.EitherLog;
import dev.limpet.node.cluster.FeedClient;
import dev.limpet.node.cluster.Forming;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.cluster.GroupProposer;
import dev.limpet.node.cluster.Hello;
import dev.limpet.node.cluster.LedgerReplica;
import dev.limpet.node.cluster.ReachWatch;
import dev.limpet.node.cluster.StoreLoads;
import dev.limpet.node.cluster.VoterDuties;
import dev.limpet.node.cluster.VoterWatch;
import dev.limpet.node.cluster.Voters;
import dev.limpet.node.door.EdgeProvider;
import dev.limpet.node.door.EdgeProvider.Edge;
import dev.limpet.node.home.Async;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.Services;
import dev.limpet.spi.Evidence;
import dev.limpet.spi.NodeSettings;
import dev.limpet.store.embedded.EmbeddedStore;
import dev.limpet.store.embedded.StoreReads;
import dev.limpet.transport.Handler;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Tls;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Puts a node of a cluster together, piece by piece, and takes it apart in the opposite order. */
final class ClusteredNode {
  private static final System.Logger LOG = System.getLogger(ClusteredNode.class.getName());
  private static final int LEDGER_GROUP = 1;
  private static final int STORE_GROUP = 2;

  /** Entries that hold the largest state that a process may have, and still fit into one frame between nodes. */
  private static final LogTuning LOG_TUNING =
      LogTuning.DEFAULT.withLog(
          1_900_000,
          LogTuning.DEFAULT.keepEntries(),
          LogTuning.DEFAULT.purgeGapEntries(),
          LogTuning.DEFAULT.segmentBytes());

  private static final Duration STORE_TIME = Duration.ofSeconds(5);
  private static final Duration CATCH_UP_TIME = Duration.ofSeconds(5);
  private static final long CATCH_UP_PAUSE_MILLIS = 100;
  private final NodeSettings settings;
  private final Seams seams;
  private final Types types;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Who takes the frames of each kind, once there is someone. */
  private volatile Map<Integer, Handler> handlers = Map.of();

  ClusteredNode(NodeSettings settings) {
    this(settings, Seams.NONE);
  }

  ClusteredNode(NodeSettings settings, Seams seams) {
    this.settings = settings;
    this.seams = seams;
    this.types = new Types(settings.hosted(), settings.roles());
    Secured.requireSafe(settings);
  }

  Limpet start() {
    try {
      return open();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      takeApart();
      throw new StartFailed(ErrorCode.FORMING_BLOCKED, "the node was interrupted while it started");
    } catch (RuntimeException e) {
      takeApart();
      throw e;
    }
  }

  private Limpet open() throws InterruptedException {
    DataDirectory data =
        keep(DataDirectory.open(settings.data(), settings.cluster(), settings.id()));
    LastSteps steps =
        keep(
            new LastSteps(
                settings,
                seams.ending(),
                seams.disk().apply(new DataDisk(data.path())),
                closed,
                this::takeApart,
                LastSteps.BOUND));
    @Nullable Tls tls = Secured.open(settings);
    if (tls != null) {
      opened.push(tls);
    }
    Transport transport = keep(bind(tls));
    List<String> seeds =
        settings.seeds().isEmpty() ? List.of(settings.clusterAddress()) : settings.seeds();
    Forming forming =
        new Forming(data, settings.id(), settings.clusterAddress(), seeds, settings.form());
    handlers =
        Map.of(
            FrameKind.FORM_STATUS, forming::status,
            FrameKind.FORM_PREPARE, forming::take,
            FrameKind.FORM_ACCEPT, forming::take);
    Agreement agreement = forming.await(transport);

    Times times =
        Times.of(settings.timing().heartbeat().toNanos(), settings.timing().lease().toNanos());
    Seat seat =
        keep(
            new Seat(
                agreement.clusterId(),
                settings.id(),
                settings.clusterAddress(),
                data,
                times,
                LOG_TUNING,
                transport,
                tls,
                steps::haltForLog));
    Voters voters = voters(agreement, data, forming, seat);
    if (voters.contains(settings.id(), data.storage())) {
      seat.take(voters, agreement.voters());
    }
    LedgerReplica replica = new LedgerReplica(times);
    FeedClient feed =
        keep(
            new FeedClient(
                replica,
                voters,
                transport,
                () -> seat.takingPart(Seat.LEDGER) != null && seat.takingPart(Seat.STORE) != null,
                LOG_TUNING.entryBytesMax()));
    ReplicatedLog ledgerLog = new EitherLog(feed.ledger(), () -> seat.takingPart(Seat.LEDGER));
    ReplicatedLog storeLog = new EitherLog(feed.store(), () -> seat.takingPart(Seat.STORE));
    GroupProposer ledger =
        new GroupProposer(LEDGER_GROUP, settings.id(), ledgerLog, voters, transport);
    GroupProposer storeProposer =
        new GroupProposer(STORE_GROUP, settings.id(), new MergedLog(storeLog), voters, transport);
    StoreReads reads =
        new NearestReads(() -> seat.reads(voters), new StoreLoads(voters, storeLog, transport));
    EmbeddedStore store =
        keep(
            new EmbeddedStore(
                reads, seams.store().apply(storeProposer), storeLog.entryBytesMax(), STORE_TIME));

    Edge edge = null;
    @Nullable EdgeProvider edges = settings.httpAddress().isEmpty() ? null : findEdge();
    ClusterPart cluster =
        keep(clusterPart(data, agreement, times, replica, ledgerLog, ledger, voters, transport));
    voters.elsewhere(node -> {
      Member member = cluster.view().member(node);
      return member == null ? null : Addresses.parse(member.clusterAddress());
    });
    LateLimpet self = new LateLimpet(settings.id());
    Services services = new Services(settings.id(), self, store, Clock.systemUTC(), cluster.gate());
    MoveTimes moveTimes = new MoveTimes(seams.moves());
    LocalShards shards =
        keep(
            new LocalShards(
                services,
                cluster.changes(),
                cluster::release,
                cluster::takeIn,
                new MemoryCourier(cluster, transport),
                moveTimes));
    RemoteCalls remote = new RemoteCalls(transport);
    Calls calls = new Calls(cluster, shards, remote);
    Inspections inspections = new Inspections(settings.id(), cluster, shards, transport);
    Troubles troubles = new Troubles(settings.id(), cluster, shards, transport);
    LimpetNode node =
        new LimpetNode(
            settings.id(),
            settings.deadline().toNanos(),
            types,
            shards,
            calls,
            cluster,
            inspections,
            troubles,
            this::close);
    self.is(node);
    CallServer callServer = new CallServer(cluster, shards, types.byName());
    Map<Integer, Handler> serving = new HashMap<>(handlers);
    serving.put(FrameKind.CALL, callServer::onRequest);
    serving.put(FrameKind.PROPOSE, in -> propose(in, ledger, storeProposer));
    serving.put(FrameKind.RENEW, in -> renew(in, cluster));
    serving.put(FrameKind.INSPECT, inspections::serve);
    serving.put(FrameKind.MEMORY, in -> MemoryCourier.serve(in, shards));
    serving.put(FrameKind.REFUSED, cluster::serveRefused);
    serving.put(FrameKind.TROUBLES, troubles::serve);
    serving.put(FrameKind.FEED, in -> feed(in, seat));
    serving.put(FrameKind.LOAD, in -> StoreLoads.serve(in, reads(seat)));
    serving.put(FrameKind.SEAT, in -> seat.serve(in, voters));
    handlers = Map.copyOf(serving);
    seat.listen(
        held ->
            cluster.seat(
                held.replica(),
                held.log(Seat.LEDGER),
                new VoterDuties(seams.groups().apply(seat.groups(held)), times)),
        cluster::unseat);
    feed.start();
    keep(new VoterWatch(
            new Founder(settings.id(), data.storage(), settings.clusterAddress()),
            voters,
            transport,
            () -> ledgerLog.leadership().leader() != null))
        .start();
    if (edges != null) {
      MeterRegistry registry = edges.registry();
      NodeMeters.bind(registry, cluster, shards, transport);
      moveTimes.bind(registry);
      if (tls != null) {
        NodeMeters.tls(registry, tls);
      }
      edge = edges.open(settings.httpAddress(), settings.insecure(), node, registry);
    }
    awaitCaughtUp(store, seat);
    ReachWatch reach =
        keep(
            new ReachWatch(
                cluster, settings.id(), transport, seat.probe(store, CATCH_UP_TIME), times));
    cluster.reaching(reach::reach);
    reach.start();
    cluster.start(shards, remote::placed);
    keep(new Sweeper(shards));
    keep(new DeathWatch(cluster, transport, settings.refusedPorts(), cluster::reportRefused))
        .start();
    // Closed first: leaves while everything still works, then stops taking calls.
    steps.leaveBy(keep(new Leaving(cluster, callServer, calls, edge, new AtomicBoolean())));
    awaitServing(cluster, shards);
    if (edge != null) {
      edge.serving();
    }
    return node;
  }

  private Transport bind(@Nullable Tls tls) {
    try {
      return Transport.bind(
          TransportConfig.on(Addresses.parse(settings.clusterAddress())),
          tls,
          new Hello(settings.cluster(), settings.id()).greeting(),
          this::onFrame,
          lost -> halt("the cluster port was lost", lost));
    } catch (IOException e) {
      throw new StartFailed(
          ErrorCode.PORT_IN_USE,
          "the cluster address "
              + settings.clusterAddress()
              + " cannot be bound: "
              + e.getMessage()
              + "; choose another with --cluster, or stop the program that uses it");
    }
  }

  private void onFrame(Inbound in) {
    Handler handler = handlers.get(in.kind());
    if (handler == null) {
      in.fail("this node is still starting, or does not know frames of kind " + in.kind());
    } else {
      handler.onRequest(in);
    }
  }

  private static void propose(Inbound in, GroupProposer ledger, GroupProposer store) {
    byte[] body = in.body();
    if (body.length < 2) {
      in.fail("an empty entry");
      return;
    }
    byte[] entry = java.util.Arrays.copyOfRange(body, 1, body.length);
    switch (body[0]) {
      case LEDGER_GROUP -> ledger.serve(in, entry);
      case STORE_GROUP -> store.serve(in, entry);
      default -> in.fail("no log of the number " + body[0]);
    }
  }

  static void renew(Inbound in, ClusterPart cluster) {
    Async.whenDone(
        cluster.serveRenewal(in.body()),
        (answer, failure) -> {
          if (answer != null) {
            in.reply(answer);
          } else {
            in.fail(String.valueOf(failure));
          }
        });
  }

  private Voters voters(Agreement agreement, DataDirectory data, Forming forming, Seat seat) {
    AtomicReference<@Nullable Voters> known = new AtomicReference<>();
    Voters voters =
        new Voters(
            settings.id(),
            agreement.voters(),
            agreement.since(),
            (now, since) -> {
              Voters before = Objects.requireNonNull(known.get());
              boolean was = before.contains(settings.id(), data.storage());
              boolean is =
                  new Agreement(agreement.clusterId(), now, since)
                      .contains(settings.id(), data.storage());
              forming.votersAre(now, since);
              seat.votersAre(before, was, is);
            });
    known.set(voters);
    return voters;
  }

  private static void feed(Inbound in, Seat seat) {
    if (seat.takingPart(Seat.LEDGER) == null) {
      in.fail("this node has no replica of the ledger that takes part");
    } else {
      seat.required().feed().serve(in);
    }
  }

  /** Serves others from this node's own replica. */
  private static StoreReads reads(Seat seat) {
    return (shard, id, atLeast) -> {
      try {
        return seat.required().reads().load(shard, id, atLeast);
      } catch (LogException e) {
        return CompletableFuture.failedFuture(e);
      }
    };
  }

  private ClusterPart clusterPart(
      DataDirectory data,
      Agreement agreement,
      Times times,
      LedgerReplica replica,
      ReplicatedLog log,
      GroupProposer ledger,
      Voters voters,
      Transport transport) {
    Identity identity =
        new Identity(
            settings.cluster(),
            agreement.clusterId(),
            settings.id(),
            UUID.randomUUID().toString(),
            data.storage(),
            settings.clusterAddress(),
            settings.httpAddress(),
            types.signature(),
            settings.roles().held(),
            incarnation(data),
            settings.evidence().contains(Evidence.CHILD),
            settings.timing().shards(),
            voters);
    return new ClusterPart(
        identity,
        times,
        replica,
        log,
        ledger,
        (leader, kind, body) -> {
          InetSocketAddress address = voters.address(leader);
          if (address == null) {
            throw new IllegalStateException(
                "the leader " + leader + " is neither a voter nor a member");
          }
          return transport.link(address).request(kind, body, System.nanoTime() + times.lease());
        },
        why -> halt("this node can be no member", new StartFailed(ErrorCode.TYPES_DIFFER, why)));
  }

  private Incarnation incarnation(DataDirectory data) {
    ProcessHandle self = ProcessHandle.current();
    return new Incarnation(
        settings.evidence().contains(Evidence.LOCK) ? data.lock() : "",
        self.pid(),
        self.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
  }

  private static EdgeProvider findEdge() {
    return ServiceLoader.load(EdgeProvider.class)
        .findFirst()
        .orElseThrow(() ->
            new StartFailed(
                ErrorCode.ENGINE_MISSING,
                "an HTTP address was given and no edge is on the class path; add the dependency"
                    + " dev.limpet:limpet-edge"));
  }

  /**
   * A node whose replica of the store lags would be given shards that it cannot load, and would let the next node of a
   * rolling restart stop although it does not stand in for it: so it becomes a member only when it has caught up.
   */
  private void awaitCaughtUp(EmbeddedStore store, Seat seat) throws InterruptedException {
    long told = System.nanoTime();
    while (true) {
      Seat.Held held = seat.held();
      if (held == null) {
        return; // It holds no replica, and reads those of others.
      }
      if (closed.get()) {
        throw new StartFailed(ErrorCode.NODE_HALTED, "the node was closed while it started");
      }
      String why;
      try {
        long index = store.writeNothing().get();
        long unused = held.reads().reached(index, CATCH_UP_TIME).get();
        return;
      } catch (ExecutionException e) {
        why = String.valueOf(e.getCause());
      }
      if (System.nanoTime() - told > CATCH_UP_TIME.toNanos()) {
        told = System.nanoTime();
        LOG.log(
            Level.WARNING,
            "node {0} does not join yet, its replica of the store is catching up: {1}",
            settings.id(),
            why);
      }
      Thread.sleep(CATCH_UP_PAUSE_MILLIS);
    }
  }

  private void awaitServing(ClusterPart cluster, LocalShards shards) throws InterruptedException {
    long tell = TimeUnit.SECONDS.toNanos(5);
    while (!cluster.awaitServing(shards, System.nanoTime() + tell)) {
      if (closed.get()) {
        throw new StartFailed(ErrorCode.NODE_HALTED, "the node was closed while it started");
      }
      LOG.log(
          Level.WARNING,
          "node {0} does not serve yet: {1}; the ledger is led by {2}",
          settings.id(),
          cluster.standing(),
          cluster.leader());
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  private void close() {
    if (closed.compareAndSet(false, true)) {
      takeApart();
    }
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

  /** A node that cannot keep its promises stops at once, so that others may take over. */
  private void halt(String what, Throwable cause) {
    if (!closed.get()) {
      seams.ending().now(ErrorCode.NODE_HALTED, what + " (node " + settings.id() + ")", cause);
    }
  }
}
