package dev.limpet.cli.chaos;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether a cluster is well, by what each of its nodes says. */
final class Health {
  private static final int ANSWER_MILLIS = 1_500;

  private Health() {}

  /** What is not well, one line for each node; empty if all is. */
  static List<String> ailments(LocalCluster cluster) {
    List<String> ailments = new ArrayList<>();
    for (NodeChild node : cluster.nodes()) {
      String ailment =
          node.isAlive() ? ailment(node, cluster.nodes().size()) : "is not alive: " + node.end();
      if (ailment != null) {
        ailments.add(node.id() + " " + ailment);
      }
    }
    return ailments;
  }

  private static @Nullable String ailment(NodeChild node, int count) {
    try (Wire wire = Wire.connect(node.http(), ANSWER_MILLIS)) {
      int ready = wire.get("/readyz", ANSWER_MILLIS).status();
      if (ready != 200) {
        return "does not serve: HTTP status " + ready;
      }
      JsonNode cluster = json(wire.get("/admin/cluster", ANSWER_MILLIS));
      int orphaned = cluster.path("shardsOrphaned").asInt(-1);
      if (orphaned != 0) {
        return "sees " + orphaned + " shards without a home";
      }
      JsonNode nodes = json(wire.get("/admin/nodes", ANSWER_MILLIS));
      int homes = 0;
      for (JsonNode each : nodes) {
        homes += each.path("shards").asInt(0) > 0 ? 1 : 0;
      }
      return homes == count ? null : "sees shards on " + homes + " nodes only";
    } catch (IOException | JacksonException e) {
      return "does not answer: " + e.getMessage();
    }
  }

  private static JsonNode json(Wire.Reply reply) throws IOException {
    if (reply.status() != 200) {
      throw new IOException("HTTP status " + reply.status());
    }
    return JsonMapper.shared().readTree(reply.body());
  }
}
