package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.Limpet;
import dev.limpet.StartFailed;
import dev.limpet.VirtualClock;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.engine.memory.MemoryLog;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.call.Calls;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.cluster.ClusterPart.Identity;
import dev.limpet.node.cluster.LedgerReplica;
import dev.limpet.node.cluster.Voters;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.MoveWatch;
import dev.limpet.node.home.Services;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.Roles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One node in memory: the same ledger, leases, shards and turns as in a cluster, without ports and disk. */
final class LocalNode {
  private static final String NAME = "local";
  private static final int SHARDS = 64;
  private static final long START_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  private LocalNode() {}

  static Limpet start(List<Hosted<?>> hosted, Clock clock) {
    Types types = new Types(hosted, Roles.NONE);
    // A lease far longer than a debugger's breakpoint: nobody else could take over.
    Times times = Times.of(TimeUnit.MILLISECONDS.toNanos(40), TimeUnit.MINUTES.toNanos(30));
    LedgerReplica replica = new LedgerReplica(times);
    MemoryLog log;
    try {
      log = MemoryLog.open(replica, Path.of("."));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Identity identity =
        new Identity(
            NAME,
            "local",
            NAME,
            UUID.randomUUID().toString(),
            "memory",
            "",
            "",
            types.signature(),
            types.namedRoles(),
            Incarnation.UNKNOWN,
            false,
            SHARDS,
            new Voters(
                NAME, List.of(new Voter(NAME, "memory", "127.0.0.1:0")), 0, (now, since) -> {}));
    ClusterPart cluster =
        new ClusterPart(
            identity,
            times,
            new LedgerReplica(times),
            log,
            log,
            (leader, kind, body) ->
                CompletableFuture.failedFuture(new IllegalStateException("there is no other node")),
            why -> {});
    cluster.seat(replica, log, null);
    LateLimpet self = new LateLimpet(NAME);
    MemoryStore store = new MemoryStore();
    Services services = new Services(NAME, self, store, clock, cluster.gate());
    LocalShards shards =
        new LocalShards(
            services,
            cluster.changes(),
            cluster::release,
            cluster::takeIn,
            (shard, move, image, memories, until) -> false,
            MoveWatch.NONE);
    Calls calls = new Calls(cluster, shards, null);
    Sweeper sweeper = new Sweeper(shards);
    AtomicBoolean closed = new AtomicBoolean();
    LimpetNode node =
        new LimpetNode(
            NAME,
            TimeUnit.SECONDS.toNanos(10),
            types,
            shards,
            calls,
            cluster,
            new Inspections(NAME, cluster, shards, null),
            new Troubles(NAME, cluster, shards, null),
            () -> {
              if (closed.compareAndSet(false, true)) {
                calls.close();
                sweeper.close();
                cluster.close();
                shards.close();
                store.close();
                close(log);
              }
            });
    self.is(node);
    if (clock instanceof VirtualClock virtual) {
      virtual.onAdvance(shards::passivate);
    }
    cluster.start(shards, view -> {});
    awaitServing(node, cluster, shards);
    return node;
  }

  private static void awaitServing(LimpetNode node, ClusterPart cluster, LocalShards shards) {
    try {
      if (cluster.awaitServing(shards, System.nanoTime() + START_NANOS_MAX)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    node.close();
    throw new StartFailed(
        ErrorCode.NODE_HALTED, "the node in memory did not start: " + cluster.standing());
  }

  private static void close(MemoryLog log) {
    try {
      log.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
