package dev.limpet.cli.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code limpet undrain NODE}. */
@Command(
    name = "undrain",
    description = "Let a drained node have its shards back.",
    mixinStandardHelpOptions = true)
public final class UndrainCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "NODE", description = "The node's id.")
  String node = "";

  @Override
  public Integer call() {
    Object answer = options.client().post("/admin/undrain/" + AdminClient.encode(node));
    if (options.json && answer != null) {
      options.out().println(answer);
      options.out().flush();
    } else {
      options.err().println(node + " gets its shards back");
    }
    return 0;
  }
}
