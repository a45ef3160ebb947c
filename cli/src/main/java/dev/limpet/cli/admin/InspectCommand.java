package dev.limpet.cli.admin;

import dev.limpet.ProcessId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code limpet inspect TYPE KEY}. */
@Command(
    name = "inspect",
    description = "Show one process: its state, its calls, its cells. Activates nothing.",
    mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "TYPE", description = "For example wallet.")
  String type = "";

  @Parameters(index = "1", paramLabel = "KEY", description = "For example alice.")
  String key = "";

  @Override
  public Integer call() {
    JsonNode process =
        options.client().get("/admin/inspect/" + AdminClient.path(new ProcessId(type, key)));
    options.out().print(options.json ? process + System.lineSeparator() : Text.inspect(process));
    options.out().flush();
    return 0;
  }
}
