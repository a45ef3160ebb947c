package dev.limpet.node;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.ledger.Member;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.door.Door.NodeTroubles;
import dev.limpet.node.door.Door.ProcessReport;
import dev.limpet.node.home.LocalShards;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Transport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks all members which of their processes fail and which of their turns are stuck. Thread-safe. */
final class Troubles {
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int REPORT_BYTES_MAX = 1 << 20;

  /** How many processes of each kind a node tells of. */
  private static final int TOLD_MAX = 10;

  private final String node;
  private final ClusterPart cluster;
  private final LocalShards shards;
  private final @Nullable Transport transport;

  Troubles(String node, ClusterPart cluster, LocalShards shards, @Nullable Transport transport) {
    this.node = node;
    this.cluster = cluster;
    this.shards = shards;
    this.transport = transport;
  }

  /** Of all members, by name; one that does not answer within a second is there without numbers. */
  List<NodeTroubles> all() {
    Map<String, CompletableFuture<byte[]>> asked = new LinkedHashMap<>();
    long until = System.nanoTime() + ASK_NANOS;
    List<NodeTroubles> all = new ArrayList<>();
    for (Member m : cluster.view().members().values()) {
      if (m.registration() == cluster.registration() || transport == null) {
        all.add(here());
      } else {
        asked.put(
            m.name(),
            transport
                .link(Addresses.parse(m.clusterAddress()))
                .request(FrameKind.TROUBLES, new byte[0], until));
      }
    }
    asked.forEach((name, answer) -> all.add(await(name, answer, until)));
    all.sort((a, b) -> a.node().compareTo(b.node()));
    return all;
  }

  private static NodeTroubles await(String name, CompletableFuture<byte[]> answer, long until) {
    try {
      return decode(name, answer.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS));
    } catch (ExecutionException | TimeoutException | ByteReader.Malformed e) {
      return new NodeTroubles(name, null, null, List.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new NodeTroubles(name, null, null, List.of());
    }
  }

  /** Answers {@link FrameKind#TROUBLES}. */
  void serve(Inbound request) {
    Thread unused = Thread.startVirtualThread(() -> request.reply(encode(here())));
  }

  private NodeTroubles here() {
    List<ProcessReport> told = new ArrayList<>();
    for (String state : List.of("failing", "stuck")) {
      shards.processes(null, state, TOLD_MAX).forEach(r -> told.add(Inspections.report(r, node)));
    }
    return new NodeTroubles(
        node, shards.supervision().failingCount(), shards.stuckCount(), List.copyOf(told));
  }

  private static byte[] encode(NodeTroubles t) {
    ByteWriter out = new ByteWriter(256);
    out.number(t.processesFailing() == null ? 0 : t.processesFailing());
    out.number(t.turnsStuck() == null ? 0 : t.turnsStuck());
    out.number(t.processes().size());
    t.processes().forEach(p -> out.block(Inspections.encode(p)));
    return out.toBytes();
  }

  private static NodeTroubles decode(String name, byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int failing = in.count(Integer.MAX_VALUE);
    int stuck = in.count(Integer.MAX_VALUE);
    int count = in.count(10 * TOLD_MAX);
    List<ProcessReport> processes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      processes.add(Inspections.decode(in.block(REPORT_BYTES_MAX)));
    }
    return new NodeTroubles(name, failing, stuck, processes);
  }
}
