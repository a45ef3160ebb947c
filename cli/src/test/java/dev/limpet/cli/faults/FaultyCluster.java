package dev.limpet.cli.faults;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.LocalCluster.Place;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three nodes, each a JVM of its own, that are killed and frozen by the tests, and that each test finds well. */
final class FaultyCluster implements AutoCloseable {
  /** They live for minutes and start often: the first compiler's code is good enough for them. */
  static final List<String> JVM = List.of("-XX:TieredStopAtLevel=1");

  private static final int ANSWER_MILLIS = 1_000;
  private static final int HEAL_SECONDS = 90;
  private static final Duration START_TIME = Duration.ofSeconds(100);

  static {
    NodeImage.use();
  }

  private final LocalCluster cluster;

  FaultyCluster(LocalCluster cluster) {
    this.cluster = cluster;
  }

  /** On loopback. */
  static FaultyCluster start() {
    FaultyCluster started = new FaultyCluster(LocalCluster.layOut(3, 0, 0, JVM, List.of()));
    started.nodes().forEach(NodeChild::start);
    LocalCluster.awaitReady(started.nodes(), START_TIME);
    return started;
  }

  /** Three of these nodes form a cluster, and serve; the others, which are to join them, are not started. */
  static FaultyCluster startThreeOf(int count) {
    List<Place> places = LocalCluster.onLoopback(count, 0, 0);
    FaultyCluster started = new FaultyCluster(LocalCluster.layOut(places, 3, JVM, List.of()));
    List<NodeChild> founders = started.nodes().subList(0, 3);
    founders.forEach(NodeChild::start);
    LocalCluster.awaitReady(founders, START_TIME);
    return started;
  }

  /** {@code 127.0.0.1:port} for a node that no cluster here knows. */
  static String freeAddress() {
    return LocalCluster.onLoopback(1, 0, 0).getFirst().cluster();
  }

  List<NodeChild> nodes() {
    return cluster.nodes();
  }

  List<String> http() {
    return cluster.http();
  }

  LocalCluster local() {
    return cluster;
  }

  /** The node that leads the ledger. */
  NodeChild leader() {
    Await.until("a leader of the ledger is known", 20, () -> cluster.leader() != null);
    String leader = cluster.leader();
    return leader == null ? leader() : cluster.node(leader);
  }

  /** A node that does not lead the ledger. */
  NodeChild follower() {
    NodeChild leader = leader();
    return nodes().stream().filter(node -> node != leader).findFirst().orElseThrow();
  }

  List<NodeChild> others(NodeChild node) {
    return nodes().stream().filter(other -> other != node).toList();
  }

  /** Starts what was killed, and waits until all serve and every shard is where it belongs. */
  void heal() {
    nodes().stream().filter(node -> !node.isAlive()).forEach(NodeChild::start);
    LocalCluster.awaitReady(nodes(), START_TIME);
    awaitHome();
  }

  /** Waits until every node sees every shard where it belongs. */
  void awaitHome() {
    Await.until(
        "all shards are home", HEAL_SECONDS, () -> nodes().stream().allMatch(this::seesAllHome));
  }

  private boolean seesAllHome(NodeChild asked) {
    JsonNode list = ask(asked, "/admin/nodes");
    if (list == null || list.size() != nodes().size()) {
      return false;
    }
    for (JsonNode node : list) {
      int shards = node.path("shards").asInt(-1);
      if (shards <= 0 || shards != node.path("shardsPreferred").asInt(0)) {
        return false;
      }
    }
    return true;
  }

  /** What a node answers to a GET; null if it does not answer 200. */
  static @Nullable JsonNode ask(NodeChild asked, String path) {
    if (!asked.isAlive()) {
      return null;
    }
    try (Wire wire = Wire.connect(asked.http(), ANSWER_MILLIS)) {
      Wire.Reply reply = wire.get(path, ANSWER_MILLIS);
      return reply.status() == 200 ? JsonMapper.shared().readTree(reply.body()) : null;
    } catch (IOException | JacksonException e) {
      return null;
    }
  }

  /** Posts a command to a node until it is done, which a change of the leader may delay. */
  static void command(NodeChild asked, String path) {
    Await.until(
        path + " is done",
        20,
        () -> {
          try (Wire wire = Wire.connect(asked.http(), ANSWER_MILLIS)) {
            return wire.post(path, "", null, 5_000).status() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** What a node says of a member; an empty document if it does not answer or does not know it. */
  static JsonNode member(NodeChild asked, NodeChild wanted) {
    JsonNode list = ask(asked, "/admin/nodes");
    if (list != null) {
      for (JsonNode node : list) {
        if (node.path("node").asString("").equals(wanted.id())) {
          return node;
        }
      }
    }
    return JsonMapper.shared().createObjectNode();
  }

  /** The id of the node where a counter lives, by the view of a node; empty if it has no home, or nobody answers. */
  static String home(NodeChild asked, String key) {
    JsonNode where = ask(asked, "/admin/where/counter/" + key);
    return where == null ? "" : where.path("home").asString("");
  }

  /** Copies what the nodes printed so far to {@code target/faults/NAME}: it says more than an assertion that failed. */
  void keepLogs(String name) {
    Path folder = Path.of("target", "faults", name);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    nodes().forEach(node -> node.keepLog(folder));
  }

  @Override
  public void close() {
    keepLogs("cluster-" + http().getFirst().replaceFirst(".*:", ""));
    cluster.close();
  }
}
