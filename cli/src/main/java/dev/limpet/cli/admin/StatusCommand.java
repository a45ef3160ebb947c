package dev.limpet.cli.admin;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code limpet status}. */
@Command(
    name = "status",
    description = "Show the cluster and its nodes, as one node sees them.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Override
  public Integer call() {
    AdminClient client = options.client();
    JsonNode cluster = client.get("/admin/cluster");
    JsonNode nodes = client.get("/admin/nodes");
    @Nullable JsonNode troubles = client.find("/admin/troubles");
    if (options.json) {
      ObjectNode both = JsonMapper.shared().createObjectNode();
      both.set("cluster", cluster);
      both.set("nodes", nodes);
      if (troubles != null) {
        both.set("troubles", troubles);
      }
      options.out().println(both);
    } else {
      options.out().print(Text.status(cluster, nodes));
      options.out().print(troubles == null ? "" : Text.troubles(troubles));
    }
    options.out().flush();
    return 0;
  }
}
