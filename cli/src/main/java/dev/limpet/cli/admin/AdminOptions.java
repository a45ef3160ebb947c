package dev.limpet.cli.admin;

import dev.limpet.cli.console.Refusal;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

  private Refusal notAnAddress() {
    return Refusal.usage("--url must be like http://127.0.0.1:7101, got \"" + url + "\"");
  }
}
