package dev.limpet.cli.admin;

import dev.limpet.cli.console.Refusal;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code limpet watch}: ends with Ctrl-C. */
@Command(
    name = "watch",
    description = "Follow the cluster's decisions, one line each.",
    mixinStandardHelpOptions = true)
public final class WatchCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Override
  public Integer call() {
    options
        .client()
        .follow(
            "/admin/watch",
            line -> {
              options.out().println(options.json ? line : readable(line));
              options.out().flush();
            });
    throw Refusal.failed(
        "the node ended the watch: it is stopping, or this reader was too slow; watch another with"
            + " --url");
  }

  private static String readable(String line) {
    try {
      JsonNode node = JsonMapper.shared().readTree(line);
      return String.format(
          Locale.ROOT,
          "%8s  %-14s %s",
          Text.field(node, "index"),
          Text.field(node, "kind"),
          Text.field(node, "text"));
    } catch (JacksonException e) {
      return line;
    }
  }
}
