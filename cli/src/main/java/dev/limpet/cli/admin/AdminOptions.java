package dev.limpet.cli.admin;

import dev.limpet.cli.console.Refusal;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What all commands that ask a node have in common. */
final class AdminOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:7101",
      description = "Any node of the cluster; default ${DEFAULT-VALUE}.")
  String url = "";

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  AdminClient client() {
    URI base;
    try {
      base = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw notAnAddress();
    }
    String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https")) || base.getHost() == null) {
      throw notAnAddress();
    }
    return new AdminClient(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Prints what came of an order to move a process: 0 if it is done, 1 with that warning if it is under way. */
  int moved(@Nullable JsonNode answer, String otherwise) {
    if (answer == null) {
      throw Refusal.failed("the node gave no answer: see limpet where");
    }
    out().print(json ? answer + System.lineSeparator() : Text.where(answer.path("where")));
    out().flush();
    if (!answer.path("done").asBoolean(false)) {
      err().println("limpet: " + otherwise);
      return Refusal.FAILED;
    }
    return 0;
  }

  private Refusal notAnAddress() {
    return Refusal.usage("--url must be like http://127.0.0.1:7101, got \"" + url + "\"");
  }
}
