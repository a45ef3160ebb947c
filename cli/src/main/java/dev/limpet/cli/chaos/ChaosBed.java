package dev.limpet.cli.chaos;

import dev.limpet.cli.certs.LocalCertificates;
import dev.limpet.cli.chaos.FaultKind.Needs;
import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.LocalCluster.Place;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.cluster.SmallDisks;
import dev.limpet.cli.network.BadNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where chaos happens: nodes, the network between them, and their disks, as far as this machine lets us make them. */
final class ChaosBed implements AutoCloseable {
  private static final List<String> JVM_OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final Duration START_PATIENCE = Duration.ofMinutes(4);

  private final @Nullable BadNetwork network;
  private final LocalCluster cluster;
  private final @Nullable SmallDisks disks;
  private final Clocks clocks;

  private ChaosBed(
      @Nullable BadNetwork network,
      LocalCluster cluster,
      @Nullable SmallDisks disks,
      Clocks clocks) {
    this.clocks = clocks;
    this.network = network;
    this.cluster = cluster;
    this.disks = disks;
  }

  /**
   * Lays out nodes that do not run yet.
   *
   * @param networked whether each is to have a network namespace
   * @param kinds what is to be done to them: what some of it takes costs time, and the others go without
   */
  static ChaosBed make(int nodes, boolean networked, Set<FaultKind> kinds) throws IOException {
    Set<Needs> needs = kinds.stream().map(FaultKind::needs).collect(Collectors.toSet());
    BadNetwork network = networked ? BadNetwork.make(nodes) : null;
    List<Place> places = network == null ? LocalCluster.onLoopback(nodes, 0, 0) : network.places();
    Clocks clocks = Clocks.make(kinds.contains(FaultKind.CLOCK));
    List<String> jvm = new ArrayList<>(JVM_OPTIONS);
    jvm.addAll(clocks.jvmOptions());
    LocalCluster cluster =
        LocalCluster.layOut(
            places,
            places.size(),
            jvm,
            (folder, id) -> arguments(networked, certificates(folder).resolve(id)));
    if (networked) {
      makeCertificates(cluster);
    }
    boolean onDisks = needs.contains(Needs.DISKS) || needs.contains(Needs.DISKS_IN_FILES);
    SmallDisks disks = onDisks ? SmallDisks.under(cluster.nodes()) : null;
    return new ChaosBed(network, cluster, disks != null && disks.areReal() ? disks : null, clocks);
  }

  private static List<String> arguments(boolean networked, Path certificates) {
    // Encrypted or not, the HTTP of a node in a namespace can be reached from elsewhere on this
    // machine.
    return networked
        ? List.of("--bench", "--insecure", "--tls", certificates.toString())
        : List.of("--bench");
  }

  /** TLS is what finds out that a bit was flipped. */
  private static void makeCertificates(LocalCluster cluster) throws IOException {
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    for (NodeChild node : cluster.nodes()) {
      String address = node.cluster();
      hosts.put(node.id(), List.of(address.substring(0, address.lastIndexOf(':'))));
    }
    LocalCertificates.make(certificates(cluster.folder()), hosts);
  }

  private static Path certificates(Path folder) {
    return folder.resolve("certs");
  }

  /** Those kinds that can be done here. */
  Set<FaultKind> possible(Set<FaultKind> kinds) {
    Set<FaultKind> possible = EnumSet.copyOf(kinds);
    possible.removeIf(kind -> !has(kind.needs()));
    return possible;
  }

  private boolean has(Needs needs) {
    return switch (needs) {
      case NOTHING -> true;
      case DISKS -> disks != null;
      case DISKS_IN_FILES -> disks != null && disks.areInFiles();
      case NETWORK -> network != null;
    };
  }

  boolean isNetworked() {
    return network != null;
  }

  LocalCluster cluster() {
    return cluster;
  }

  Injector injector() {
    return new Injector(cluster, network, disks, clocks);
  }

  /** Starts all nodes, and waits until they serve. */
  void start() {
    cluster.nodes().forEach(NodeChild::start);
    LocalCluster.awaitReady(cluster.nodes(), START_PATIENCE);
  }

  /** Copies what the nodes printed into a folder. */
  void keepLogs(Path folder) {
    cluster.nodes().forEach(node -> node.keepLog(folder));
  }

  @Override
  public void close() {
    if (disks != null) {
      disks.close();
    }
    cluster.close();
    if (network != null) {
      network.close();
    }
    clocks.close();
  }
}
