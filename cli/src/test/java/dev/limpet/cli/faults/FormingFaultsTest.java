package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Brand-new nodes as processes of their own: one cluster, or a wait that says why; never two. One order here, and three
 * with {@code -Dlimpet.rounds=3}; more orders and lost disks are tried within one process.
 */
@Tag("faults")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class FormingFaultsTest {
  private static final Duration START_TIME = Duration.ofSeconds(100);

  static List<String> orders() {
    List<String> orders = List.of("120", "012", "210");
    return orders.subList(0, Math.min(orders.size(), Integer.getInteger("limpet.rounds", 1)));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void threeNodes_startedInThisOrder_waitForTheLast_andKeepTheirClusterWhenItIsWiped(String order)
      throws IOException {
    try (LocalCluster cluster = LocalCluster.layOut(3, 0, 0, FaultyCluster.JVM, List.of())) {
      List<NodeChild> nodes = new ArrayList<>();
      order.chars().forEach(c -> nodes.add(cluster.nodes().get(c - '0')));
      NodeChild last = nodes.getLast();
      nodes.get(0).start();
      nodes.get(1).start();
      Await.until(
          "the first two say whom they wait for",
          60,
          () -> nodes.subList(0, 2).stream().allMatch(n -> waitsFor(n, last)));
      assertThat(nodes.subList(0, 2)).noneMatch(NodeChild::isReady);
      last.start();
      LocalCluster.awaitReady(nodes, START_TIME);
      String formed = oneCluster(nodes);

      last.kill();
      empty(last.data());
      last.start();
      LocalCluster.awaitReady(nodes, START_TIME);
      assertThat(oneCluster(nodes)).isEqualTo(formed);
    }
  }

  private static boolean waitsFor(NodeChild node, NodeChild missing) {
    return node.lastWords(20).stream()
        .anyMatch(line -> line.contains("no answer from") && line.contains(missing.cluster()));
  }

  private static String oneCluster(List<NodeChild> nodes) {
    Set<String> ids = new TreeSet<>();
    for (NodeChild node : nodes) {
      ids.add(
          Objects.requireNonNull(FaultyCluster.ask(node, "/admin/cluster"))
              .get("clusterId")
              .asString());
    }
    assertThat(ids).hasSize(1);
    return ids.iterator().next();
  }

  private static void empty(Path data) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
