package dev.limpet.cli.admin;

import dev.limpet.ProcessId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code limpet move TYPE KEY NODE}. */
@Command(
    name = "move",
    description = "Give one process a home of its own on a node, and wait until it is there.",
    mixinStandardHelpOptions = true)
public final class MoveCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "TYPE", description = "For example wallet.")
  String type = "";

  @Parameters(index = "1", paramLabel = "KEY", description = "For example alice.")
  String key = "";

  @Parameters(index = "2", paramLabel = "NODE", description = "The node's id.")
  String node = "";

  @Override
  public Integer call() {
    ProcessId id = new ProcessId(type, key);
    return options.moved(
        options
            .client()
            .post("/admin/move/" + AdminClient.path(id) + "/" + AdminClient.encode(node)),
        id + " is not on " + node + " yet, but on its way: see limpet where");
  }
}
