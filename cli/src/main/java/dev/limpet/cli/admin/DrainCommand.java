package dev.limpet.cli.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code limpet drain NODE}. */
@Command(
    name = "drain",
    description = "Empty a node: its shards move to the others, and it gets no new ones.",
    mixinStandardHelpOptions = true)
public final class DrainCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "NODE", description = "The node's id.")
  String node = "";

  @Override
  public Integer call() {
    Object answer = options.client().post("/admin/drain/" + AdminClient.encode(node));
    if (options.json && answer != null) {
      options.out().println(answer);
      options.out().flush();
    } else {
      options
          .err()
          .println(node + " is draining; limpet status shows how many shards it still has");
    }
    return 0;
  }
}
