package dev.limpet.cli.bench;

import dev.limpet.Limpet;
import dev.limpet.LimpetBuilder;
import dev.limpet.cli.certs.LocalCertificates;
import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.load.Register;
import dev.limpet.examples.ExampleApp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A cluster whose last node is this JVM, so that calls can be measured from within a node. */
final class BenchMember implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofSeconds(90);
  private static final long HOME_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long POLL_MILLIS = 100;

  private final LocalCluster cluster;
  private final Limpet limpet;

  private BenchMember(LocalCluster cluster, Limpet limpet) {
    this.cluster = cluster;
    this.limpet = limpet;
  }

  /** Starts that many nodes, this one included, and waits until each has its shards. */
  static BenchMember start(int nodes, boolean tls, CallLoad load) throws InterruptedException {
    LocalCluster cluster =
        LocalCluster.layOut(
            LocalCluster.onLoopback(nodes, 0, 0),
            nodes,
            List.of(),
            (folder, id) ->
                tls
                    ? List.of("--bench", "--tls", certificates(folder).resolve(id).toString())
                    : List.of("--bench"));
    try {
      Path certificates = certificates(cluster.folder());
      if (tls) {
        LocalCertificates.make(certificates, cluster.nodes().stream().map(NodeChild::id).toList());
      }
      List<NodeChild> children = cluster.nodes().subList(0, nodes - 1);
      NodeChild self = cluster.nodes().getLast();
      load.say("starting " + nodes + " nodes; this JVM is one of them, " + self.id());
      children.forEach(NodeChild::start);
      LimpetBuilder builder =
          Limpet.builder()
              .id(self.id())
              .data(self.data())
              .clusterAddress(self.cluster())
              .seeds(cluster.seeds().toArray(String[]::new));
      if (tls) {
        builder.tls(certificates.resolve(self.id()));
      }
      new ExampleApp().host(builder);
      CallBenches.host(builder);
      Register.host(builder);
      Limpet limpet = builder.start();
      LocalCluster.awaitReady(children, START_PATIENCE);
      long end = System.nanoTime() + HOME_PATIENCE_NANOS;
      // A node that is alone has no other that could be asked, and all shards.
      while (!children.isEmpty()
          && !cluster.nodes().stream().allMatch(node -> cluster.shards().isHome(node.id()))) {
        if (System.nanoTime() > end) {
          throw Refusal.failed("the shards are not where they belong: " + cluster.shards());
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
      return new BenchMember(cluster, limpet);
    } catch (IOException e) {
      cluster.close();
      throw Refusal.failed("no certificates could be made: " + e.getMessage());
    } catch (RuntimeException | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private static Path certificates(Path folder) {
    return folder.resolve("certs");
  }

  Limpet limpet() {
    return limpet;
  }

  LocalCluster cluster() {
    return cluster;
  }

  @Override
  public void close() {
    // The children first: this node need not hand its shards to nodes that are about to go.
    cluster.close();
  }
}
