package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.Limpet;
import dev.limpet.StartFailed;
import dev.limpet.core.lease.Times;
import dev.limpet.engine.MergedLog;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.ledger.ratis.LogTuning;
import dev.limpet.ledger.ratis.RatisConfig;
import dev.limpet.ledger.ratis.RatisHost;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.call.CallServer;
import dev.limpet.node.call.Calls;
import dev.limpet.node.call.RemoteCalls;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.Agreement;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.cluster.ClusterPart.Identity;
import dev.limpet.node.cluster.DataDirectory;
import dev.limpet.node.cluster.Forming;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.cluster.GroupProposer;
import dev.limpet.node.cluster.Hello;
import dev.limpet.node.cluster.LedgerReplica;
import dev.limpet.node.door.EdgeProvider;
import dev.limpet.node.door.EdgeProvider.Edge;
import dev.limpet.node.home.Async;
import dev.limpet.node.home.Halt;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.Services;
import dev.limpet.spi.NodeSettings;
import dev.limpet.store.embedded.EmbeddedStore;
import dev.limpet.store.embedded.RocksStateMachine;
import dev.limpet.transport.Handler;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Puts a node of a cluster together, piece by piece, and takes it apart in the opposite order. */
final class ClusteredNode {
  private static final System.Logger LOG = System.getLogger(ClusteredNode.class.getName());
  private static final String LEDGER = "ledger";
  private static final String STORE = "store";
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
  private static final Duration LEAVE_TIME = Duration.ofSeconds(10);

  private final NodeSettings settings;
  private final Types types;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Who takes the frames of each kind, once there is someone. */
  private volatile Map<Integer, Handler> handlers = Map.of();

  ClusteredNode(NodeSettings settings) {
    this.settings = settings;
    this.types = new Types(settings.hosted());
    requireLoopback(settings.clusterAddress());
    settings.seeds().forEach(this::requireLoopback);
  }

  private void requireLoopback(String address) {
    InetSocketAddress parsed = Addresses.parse(address);
    if (!settings.insecure() && !parsed.getAddress().isLoopbackAddress()) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "the address "
              + address
              + " is not loopback, and nothing between nodes is encrypted yet; use 127.0.0.1, or"
              + " allow it with --insecure on a network that you trust wholly");
    }
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
    Transport transport = keep(bind());
    List<String> seeds =
        settings.seeds().isEmpty() ? List.of(settings.clusterAddress()) : settings.seeds();
    Forming forming = new Forming(data, settings.id(), settings.clusterAddress(), seeds);
    handlers =
        Map.of(FrameKind.FORM_STATUS, forming::status, FrameKind.FORM_ACCEPT, forming::accept);
    Agreement agreement = forming.await(transport);

    Times times =
        Times.of(settings.timing().heartbeat().toNanos(), settings.timing().lease().toNanos());
    LedgerReplica replica = new LedgerReplica(times);
    RocksStateMachine rocks = new RocksStateMachine();
    RatisHost engine = keep(startEngine(data, agreement, replica, rocks, transport));

    Map<String, InetSocketAddress> voters = new HashMap<>();
    agreement.voters().forEach(v -> voters.put(v.node(), Addresses.parse(v.address())));
    ReplicatedLog ledgerLog = engine.log(LEDGER);
    GroupProposer ledger =
        new GroupProposer(LEDGER_GROUP, settings.id(), ledgerLog, voters, transport);
    GroupProposer storeProposer =
        new GroupProposer(
            STORE_GROUP, settings.id(), new MergedLog(engine.log(STORE)), voters, transport);
    EmbeddedStore store =
        keep(
            new EmbeddedStore(rocks, storeProposer, engine.log(STORE).entryBytesMax(), STORE_TIME));

    Edge edge = null;
    @Nullable EdgeProvider edges = settings.httpAddress().isEmpty() ? null : findEdge();
    ClusterPart cluster =
        keep(clusterPart(data, agreement, times, replica, ledgerLog, ledger, voters, transport));
    LateLimpet self = new LateLimpet(settings.id());
    Services services = new Services(settings.id(), self, store, Clock.systemUTC(), cluster.gate());
    LocalShards shards =
        keep(
            new LocalShards(
                services,
                cluster.changes(),
                cluster::release,
                cluster::takeIn,
                new MemoryCourier(cluster, transport)));
    RemoteCalls remote = new RemoteCalls(transport);
    Calls calls = new Calls(cluster, shards, remote);
    Inspections inspections = new Inspections(settings.id(), cluster, shards, transport);
    LimpetNode node =
        new LimpetNode(
            settings.id(),
            settings.deadline().toNanos(),
            types,
            shards,
            calls,
            cluster,
            inspections,
            this::close);
    self.is(node);
    CallServer callServer = new CallServer(cluster, shards, types.byName());
    handlers =
        Map.of(
            FrameKind.FORM_STATUS, forming::status,
            FrameKind.FORM_ACCEPT, forming::accept,
            FrameKind.CALL, callServer::onRequest,
            FrameKind.PROPOSE, in -> propose(in, ledger, storeProposer),
            FrameKind.RENEW, in -> renew(in, cluster),
            FrameKind.INSPECT, inspections::serve,
            FrameKind.MEMORY, in -> MemoryCourier.serve(in, shards.arrivals()));
    cluster.start(shards, remote::placed);
    keep(new Sweeper(shards));
    if (edges != null) {
      MeterRegistry registry = edges.registry();
      NodeMeters.bind(registry, cluster, shards, transport);
      edge = edges.open(settings.httpAddress(), settings.insecure(), node, registry);
    }
    // Closed first: leaves while everything still works, then stops taking calls.
    keep(new Leaving(cluster, calls, edge));
    awaitServing(cluster, shards);
    return node;
  }

  private record Leaving(ClusterPart cluster, Calls calls, @Nullable Edge edge)
      implements AutoCloseable {
    @Override
    public void close() {
      try {
        cluster.leave(LEAVE_TIME);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (edge != null) {
        edge.close();
      }
      calls.close();
    }
  }

  private Transport bind() {
    try {
      return Transport.bind(
          TransportConfig.on(Addresses.parse(settings.clusterAddress())),
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

  private static void renew(Inbound in, ClusterPart cluster) {
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

  private RatisHost startEngine(
      DataDirectory data,
      Agreement agreement,
      LedgerReplica replica,
      RocksStateMachine rocks,
      Transport transport) {
    Voter self =
        agreement.voters().stream()
            .filter(v -> v.node().equals(settings.id()) && v.storageId().equals(data.storage()))
            .findFirst()
            .orElseThrow(() ->
                new StartFailed(
                    ErrorCode.DATA_FOREIGN,
                    "the data directory "
                        + data.path()
                        + " is no part of cluster "
                        + agreement.clusterId()));
    try {
      return RatisHost.start(
          RatisConfig.builder()
              .clusterId(agreement.clusterId())
              .self(self)
              .voters(agreement.voters())
              .directory(data.path().resolve("log"))
              .group(LEDGER, replica)
              .group(STORE, rocks)
              .follow(STORE, LEDGER)
              .tuning(LOG_TUNING)
              .onBound(transport::spliceTo)
              .onFatal(cause -> halt("a log of this node cannot go on", cause))
              .build());
    } catch (IOException e) {
      throw new StartFailed(
          ErrorCode.NODE_HALTED,
          "the logs in " + data.path().resolve("log") + " cannot be opened: " + e.getMessage());
    }
  }

  private ClusterPart clusterPart(
      DataDirectory data,
      Agreement agreement,
      Times times,
      LedgerReplica replica,
      ReplicatedLog log,
      GroupProposer ledger,
      Map<String, InetSocketAddress> voters,
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
            settings.timing().shards(),
            agreement.voters().stream().map(Voter::node).toList());
    return new ClusterPart(
        identity,
        times,
        replica,
        log,
        ledger,
        (leader, renewal) -> {
          InetSocketAddress address = voters.get(leader);
          if (address == null) {
            throw new IllegalStateException("the leader " + leader + " is no voter");
          }
          return transport
              .link(address)
              .request(FrameKind.RENEW, renewal, System.nanoTime() + times.lease());
        },
        why -> halt("this node can be no member", new StartFailed(ErrorCode.TYPES_DIFFER, why)));
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
    if (closed.get()) {
      return;
    }
    Halt.now(what + " (node " + settings.id() + ")", cause);
  }
}
