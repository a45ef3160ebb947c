package dev.limpet.cli.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code limpet forget NODE}. */
@Command(
    name = "forget",
    description = "Give up the name of a node that never comes back: its share goes to the others.",
    mixinStandardHelpOptions = true)
public final class ForgetCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "NODE", description = "The node's id.")
  String node = "";

  @Override
  public Integer call() {
    Object answer = options.client().post("/admin/forget/" + AdminClient.encode(node));
    if (options.json && answer != null) {
      options.out().println(answer);
      options.out().flush();
    } else {
      options.err().println(node + " is forgotten; what preferred it prefers the others now");
    }
    return 0;
  }
}
