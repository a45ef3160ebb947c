package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Limpet;
import dev.limpet.node.door.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** First nodes, new or with emptied disks, started one after the other: one cluster, or a wait that says why; never two. */
@Timeout(120)
class FormingOrdersTest {
  @TempDir Path directory;

  private final Map<Integer, Caller<Limpet>> starting = new TreeMap<>();
  private Trio trio;
  private LogLines forming;
  private LogLines voters;

  @BeforeEach
  void listen() {
    trio = new Trio(directory);
    forming = new LogLines("dev.limpet.node.cluster.Forming");
    voters = new LogLines("dev.limpet.node.cluster.VoterWatch");
  }

  @AfterEach
  void close() {
    forming.close();
    voters.close();
    List<Caller<Integer>> closing = new ArrayList<>();
    for (Caller<Limpet> each : starting.values()) {
      closing.add(
          Caller.start(() -> {
            each.get().close();
            return 0;
          }));
    }
    closing.forEach(Caller::awaitDone);
  }

  private void begin(int... which) {
    for (int node : which) {
      starting.put(node, Caller.start(() -> trio.builder(node).start()));
    }
  }

  private void stopAll() throws Exception {
    List<Caller<Integer>> closing = new ArrayList<>();
    for (Caller<Limpet> each : starting.values()) {
      Limpet node = each.get();
      closing.add(
          Caller.start(() -> {
            node.close();
            return 0;
          }));
    }
    for (Caller<Integer> each : closing) {
      int unused = each.get();
    }
    starting.clear();
  }

  private void empty(int node) throws IOException {
    try (Stream<Path> all = Files.walk(trio.data(node))) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The one cluster to which all that were begun belong. */
  private String oneCluster() throws Exception {
    List<String> ids = new ArrayList<>();
    for (Caller<Limpet> each : starting.values()) {
      ids.add(((Door) each.get()).cluster().clusterId());
    }
    assertThat(ids).allMatch(ids.getFirst()::equals);
    return ids.getFirst();
  }

  private static void awaitSaid(LogLines lines, String node, String... what) {
    Caller.until(() ->
        lines.texts().stream()
            .anyMatch(text ->
                text.startsWith("node " + node) && Stream.of(what).allMatch(text::contains)));
  }

  static Stream<String> orders() {
    return Extent.of(List.of("012", "210"), List.of("021", "102", "120", "201"));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void newNodes_startedInThisOrder_waitForTheLastOne_andAreOneCluster(String order)
      throws Exception {
    int[] nodes = order.chars().map(c -> c - '0').toArray();
    String last = trio.addresses.get(nodes[2]);
    begin(nodes[0]);
    awaitSaid(forming, "n" + nodes[0], "not even a majority of the seeds has", last);
    begin(nodes[1]);
    awaitSaid(forming, "n" + nodes[0], "no answer from " + last, "--form");
    awaitSaid(forming, "n" + nodes[1], "no answer from " + last, "--form");
    begin(nodes[2]);
    String ignored = oneCluster();
    assertThat(starting.get(nodes[0]).get().get(Probe.class, "k").act("add")).isEqualTo(1);
  }

  @Test
  void twoEmptiedOfThree_belongToTheOldCluster_andSayThatItsMajorityIsGone() throws Exception {
    begin(0, 1, 2);
    String before = oneCluster();
    stopAll();
    empty(0);
    empty(2);
    begin(0, 2);
    // They know of no cluster yet, and form none.
    awaitSaid(forming, "n0", "no answer from " + trio.addresses.get(1));
    begin(1);
    for (String node : List.of("n0", "n1", "n2")) {
      awaitSaid(
          voters,
          node,
          "2 of 3 voters are needed",
          "there is only n1; another disk than the one that votes has n0, n2",
          "Put back the data directory of 1 of n0, n2",
          "--form does not help");
    }
    assertThat(forming.texts())
        .filteredOn(text -> text.contains("belongs to cluster") && text.startsWith("node n0"))
        .last()
        .asString()
        .contains(before);
    starting.values().forEach(each -> each.interrupt());
    starting.clear();
  }

  @Test
  void twoEmptiedOfFive_startedBeforeTheOthers_formNothing_andJoinThem() throws Exception {
    begin(0, 1, 2);
    String before = oneCluster();
    begin(3, 4);
    assertThat(oneCluster()).isEqualTo(before);
    Caller.until(() -> voters(0) == 5);
    stopAll();
    empty(0);
    empty(1);
    begin(0, 1);
    awaitSaid(forming, "n0", "no answer from " + trio.addresses.get(2));
    awaitSaid(forming, "n1", "no answer from " + trio.addresses.get(2));
    begin(3);
    awaitSaid(voters, "n3", "3 of 5 voters are needed", "Start n2, n4");
    begin(2, 4);
    assertThat(oneCluster()).isEqualTo(before);
  }

  private int voters(int node) {
    try {
      return ((LimpetNode) starting.get(node).get()).voters().size();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
