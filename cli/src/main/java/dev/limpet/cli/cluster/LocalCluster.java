package dev.limpet.cli.cluster;

import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Some nodes on this machine, with their data in a temporary folder. Closing kills those that run and deletes the folder;
 * so does the end of this JVM, by Ctrl-C too.
 */
public final class LocalCluster implements AutoCloseable {
  private static final int ANSWER_MILLIS = 2_000;
  private static final long POLL_NANOS = 20_000_000;

  private final Path folder;
  private final List<NodeChild> nodes;
  private final Thread atExit = new Thread(this::destroy, "kill-nodes");
  private final ChildEnds ends;
  private boolean livesOn;

  /**
   * Where a node is.
   *
   * @param http {@code host:port}
   * @param cluster {@code host:port}
   * @param launcher the command that starts its JVM there, such as {@code ip netns exec NAME}; it must become that JVM
   *     rather than start another process; empty for right here
   */
  public record Place(String http, String cluster, List<String> launcher) {
    public Place {
      launcher = List.copyOf(launcher);
    }
  }

  private LocalCluster(Path folder, List<NodeChild> nodes, ChildEnds ends) {
    this.ends = ends;
    this.folder = folder;
    this.nodes = nodes;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Lays out a cluster, and starts none of its nodes.
   *
   * @param httpPort the first node's HTTP port, if it and those after it are free; 0 for any
   * @param clusterPort the same for the cluster's own port
   * @param jvmOptions what {@code java} is given besides this JVM's own options
   * @param arguments what {@code limpet node} is given besides
   */
  public static LocalCluster layOut(
      int count, int httpPort, int clusterPort, List<String> jvmOptions, List<String> arguments) {
    return layOut(onLoopback(count, httpPort, clusterPort), jvmOptions, arguments);
  }

  /** That many places on this machine; the ports as in {@link #layOut(int, int, int, List, List)}. */
  public static List<Place> onLoopback(int count, int httpPort, int clusterPort) {
    List<Integer> http = Ports.from(httpPort, count);
    List<Integer> cluster = Ports.from(clusterPort, count);
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.add(new Place("127.0.0.1:" + http.get(i), "127.0.0.1:" + cluster.get(i), List.of()));
    }
    return places;
  }

  /** Lays out a cluster that all of its nodes form together. */
  public static LocalCluster layOut(
      List<Place> places, List<String> jvmOptions, List<String> arguments) {
    return layOut(places, places.size(), jvmOptions, arguments);
  }

  /**
   * Lays out a cluster, and starts none of its nodes.
   *
   * @param places where the nodes are to be; the first is that of {@code n1}
   * @param founders how many of them, from the first, form the cluster; the others join through these
   * @param jvmOptions what their JVMs are given besides
   * @param arguments what {@code limpet node} is given besides
   */
  public static LocalCluster layOut(
      List<Place> places, int founders, List<String> jvmOptions, List<String> arguments) {
    return layOut(places, founders, jvmOptions, (folder, id) -> arguments);
  }

  /**
   * The same, where nodes differ.
   *
   * @param arguments what {@code limpet node} is given besides, by the cluster's folder and the node's id
   */
  public static LocalCluster layOut(
      List<Place> places,
      int founders,
      List<String> jvmOptions,
      BiFunction<Path, String, List<String>> arguments) {
    Path folder;
    try {
      folder = Files.createTempDirectory("limpet-");
    } catch (IOException e) {
      throw Refusal.failed("no temporary folder can be made: " + e.getMessage());
    }
    String seeds =
        places.stream().limit(founders).map(Place::cluster).collect(Collectors.joining(","));
    List<NodeChild> nodes = new ArrayList<>();
    ChildEnds ends = new ChildEnds(places.stream().map(Place::http).toList());
    for (Place place : places) {
      String id = "n" + (nodes.size() + 1);
      nodes.add(
          new NodeChild(id, place, folder, seeds, jvmOptions, arguments.apply(folder, id), ends));
    }
    return new LocalCluster(folder, List.copyOf(nodes), ends);
  }

  public List<NodeChild> nodes() {
    return nodes;
  }

  public NodeChild node(String id) {
    return nodes.stream().filter(node -> node.id().equals(id)).findFirst().orElseThrow();
  }

  /** All HTTP addresses. */
  public List<String> http() {
    return nodes.stream().map(NodeChild::http).toList();
  }

  public List<String> seeds() {
    return nodes.stream().map(NodeChild::cluster).toList();
  }

  public Path folder() {
    return folder;
  }

  /** Waits until nodes serve; says which one does not, and its last words, when it ended or the time is over. */
  public static void awaitReady(List<NodeChild> waitedFor, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    for (NodeChild node : waitedFor) {
      while (!node.isReady()) {
        // A node that waits may wait for one that has ended, whose words say more.
        for (NodeChild other : waitedFor) {
          if (!other.isAlive()) {
            throw notReady(other, other.end() + " while it started");
          }
        }
        if (System.nanoTime() > end) {
          throw notReady(node, "does not serve after %d s".formatted(patience.toSeconds()));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private static Refusal notReady(NodeChild node, String what) {
    return Refusal.failed(
        "node %s %s. Its last words:\n  %s"
            .formatted(node.id(), what, String.join("\n  ", node.lastWords(12))));
  }

  /** Asks the nodes, one after the other, until one answers; null if none does. */
  public @Nullable JsonNode ask(String path) {
    return ask(List.of(path)).get(path);
  }

  /** Asks one and the same node several things, and the next ones if it fails; without an answer for what none answers. */
  public Map<String, JsonNode> ask(List<String> paths) {
    Map<String, JsonNode> answers = new HashMap<>();
    for (NodeChild node : nodes) {
      if (answers.size() < paths.size() && node.isAlive()) {
        try (Wire wire = Wire.connect(node.http(), ANSWER_MILLIS)) {
          for (String path : paths) {
            if (!answers.containsKey(path)) {
              Wire.Reply reply = wire.get(path, ANSWER_MILLIS);
              if (reply.status() == 200) {
                answers.put(path, JsonMapper.shared().readTree(reply.body()));
              }
            }
          }
        } catch (IOException | JacksonException e) {
          // The next one may answer.
        }
      }
    }
    return answers;
  }

  /** The id of the node that leads the ledger; null if nobody knows. */
  public @Nullable String leader() {
    JsonNode cluster = ask("/admin/cluster");
    String leader = cluster == null ? "" : cluster.path("leader").asString("");
    return nodes.stream().anyMatch(node -> node.id().equals(leader)) ? leader : null;
  }

  /** The nodes' shards, as some node sees them; empty if none answers. */
  public Shards shards() {
    JsonNode list = ask("/admin/nodes");
    List<Shards.OfNode> found = new ArrayList<>();
    if (list != null) {
      for (JsonNode node : list) {
        found.add(
            new Shards.OfNode(
                node.path("node").asString(""),
                node.path("state").asString("").toLowerCase(Locale.ROOT),
                node.path("shards").asInt(0),
                node.path("shardsPreferred").asInt(0)));
      }
    }
    return new Shards(found);
  }

  /** Leaves the nodes running, and their data in place, when this JVM ends. */
  public synchronized void letLiveOn() {
    livesOn = true;
    for (NodeChild node : nodes) {
      try {
        node.letLiveOn();
      } catch (IOException e) {
        throw Refusal.failed("node " + node.id() + " has ended: " + e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    destroy();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This JVM is ending, and the hook does the same.
    }
  }

  private synchronized void destroy() {
    if (livesOn) {
      return;
    }
    ends.close();
    nodes.forEach(NodeChild::endForEver);
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      // A temporary folder that is left is a nuisance; the system will clear it away.
    }
  }
}
