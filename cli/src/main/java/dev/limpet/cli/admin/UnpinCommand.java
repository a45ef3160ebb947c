package dev.limpet.cli.admin;

import dev.limpet.ProcessId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code limpet unpin TYPE KEY}. */
@Command(
    name = "unpin",
    description = "Give a process that was moved back to its shard, and wait until it is there.",
    mixinStandardHelpOptions = true)
public final class UnpinCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "TYPE", description = "For example wallet.")
  String type = "";

  @Parameters(index = "1", paramLabel = "KEY", description = "For example alice.")
  String key = "";

  @Override
  public Integer call() {
    ProcessId id = new ProcessId(type, key);
    return options.moved(
        options.client().post("/admin/unpin/" + AdminClient.path(id)),
        id + " is not back in its shard yet, but on its way: see limpet where");
  }
}
