package dev.limpet.node;

import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.Supervision;
import dev.limpet.transport.Tls;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a node tells of itself at {@code /metrics}. No label ever carries a key. */
final class NodeMeters {
  private NodeMeters() {}

  static void bind(
      MeterRegistry registry, ClusterPart cluster, LocalShards shards, Transport transport) {
    Gauge.builder("limpet.processes.live", shards, LocalShards::liveCount)
        .description("processes in memory on this node")
        .register(registry);
    supervision(registry, shards);
    for (String tenure : List.of("open", "claiming", "freezing", "renounced", "away")) {
      Gauge.builder("limpet.shards", shards, s -> s.tenures().getOrDefault(tenure, 0))
          .description("shards by what they are to this node")
          .tag("tenure", tenure)
          .register(registry);
    }
    Gauge.builder("limpet.lease.left.seconds", cluster, c -> c.leaseLeftNanos() / 1e9)
        .description("what is left of this node's lease; 0 when it may begin nothing")
        .register(registry);
    Gauge.builder("limpet.view.index", cluster, ClusterPart::viewIndex)
        .description("the ledger index of this node's view")
        .register(registry);
    Gauge.builder("limpet.members", cluster, c -> c.view().members().size())
        .description("members of the cluster, as this node sees it")
        .register(registry);
    count(registry, transport, "limpet.frames.in", "frames received", TransportStats::framesIn);
    count(registry, transport, "limpet.frames.out", "frames sent", TransportStats::framesOut);
    count(registry, transport, "limpet.frames.bytes.in", "bytes received", TransportStats::bytesIn);
    count(registry, transport, "limpet.frames.bytes.out", "bytes sent", TransportStats::bytesOut);
    connections(registry, transport);
  }

  /** Of connections between nodes that came to nothing. */
  private static void connections(MeterRegistry registry, Transport transport) {
    count(
        registry,
        transport,
        "limpet.connections.refused",
        "connections between nodes that either side refused",
        TransportStats::refusals);
    count(
        registry,
        transport,
        "limpet.connections.hostile",
        "connections closed because of bytes that no node sends",
        TransportStats::hostile);
    count(
        registry,
        transport,
        "limpet.tls.refused",
        "of the refused and the hostile connections, those that TLS was the reason of",
        TransportStats::tlsRefusals);
  }

  /** Of this node's certificate. */
  static void tls(MeterRegistry registry, Tls tls) {
    Gauge.builder(
            "limpet.tls.certificate.left.seconds",
            tls,
            t -> Duration.between(Instant.now(), t.notAfter()).toMillis() / 1e3)
        .description("how long this node's certificate is still valid")
        .register(registry);
    Gauge.builder("limpet.tls.connections", tls, Tls::connections)
        .description(
            "open connections under TLS, made or accepted; of the consensus engine those accepted")
        .register(registry);
    Gauge.builder("limpet.tls.files.refused", tls, t -> t.filesAreRefused() ? 1 : 0)
        .description(
            "1 while the TLS files on disk are not those in use, because they were refused")
        .register(registry);
    FunctionCounter.builder("limpet.tls.editions", tls, Tls::edition)
        .description("sets of TLS files that this node has used, the first included")
        .register(registry);
  }

  /** Of processes that fail and turns that do not end. */
  static void supervision(MeterRegistry registry, LocalShards shards) {
    Supervision supervision = shards.supervision();
    Gauge.builder("limpet.processes.failing", supervision, Supervision::failingCount)
        .description("processes that cannot be activated, or whose turns throw one after the other")
        .register(registry);
    Gauge.builder("limpet.turns.stuck", shards, LocalShards::stuckCount)
        .description("turns that run for longer than their type allows")
        .register(registry);
    FunctionCounter.builder(
            "limpet.activations.failed", supervision, Supervision::activationsFailed)
        .description("attempts to bring a process into memory that failed")
        .register(registry);
    FunctionCounter.builder("limpet.processes.restarted", supervision, Supervision::restarts)
        .description("processes that were made anew because their turns threw")
        .register(registry);
    FunctionCounter.builder("limpet.incidents", supervision, Supervision::incidents)
        .description("exceptions of processes that their methods do not declare, logged or not")
        .register(registry);
  }

  private static void count(
      MeterRegistry registry,
      Transport transport,
      String name,
      String description,
      ToDoubleFunction<TransportStats> value) {
    FunctionCounter.builder(name, transport, t -> value.applyAsDouble(t.stats()))
        .description(description)
        .register(registry);
  }
}
