package dev.limpet.cli.admin;

import dev.limpet.ProcessId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code limpet where TYPE KEY}. */
@Command(
    name = "where",
    description = "Show which node is a process's home.",
    mixinStandardHelpOptions = true)
public final class WhereCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "TYPE", description = "For example wallet.")
  String type = "";

  @Parameters(index = "1", paramLabel = "KEY", description = "For example alice.")
  String key = "";

  @Override
  public Integer call() {
    JsonNode where =
        options.client().get("/admin/where/" + AdminClient.path(new ProcessId(type, key)));
    options.out().print(options.json ? where + System.lineSeparator() : Text.where(where));
    options.out().flush();
    return 0;
  }
}
