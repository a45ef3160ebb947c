package dev.limpet.cli;

import dev.limpet.LimpetException;
import dev.limpet.cli.admin.CallCommand;
import dev.limpet.cli.admin.DrainCommand;
import dev.limpet.cli.admin.ForgetCommand;
import dev.limpet.cli.admin.InspectCommand;
import dev.limpet.cli.admin.MoveCommand;
import dev.limpet.cli.admin.StatusCommand;
import dev.limpet.cli.admin.UndrainCommand;
import dev.limpet.cli.admin.UnpinCommand;
import dev.limpet.cli.admin.WatchCommand;
import dev.limpet.cli.admin.WhereCommand;
import dev.limpet.cli.bench.BenchCommand;
import dev.limpet.cli.certs.CertsCommand;
import dev.limpet.cli.chaos.ChaosCommand;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.demo.DemoCommand;
import dev.limpet.cli.node.NodeCommand;
import dev.limpet.cli.sim.SimCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code limpet}: data on stdout, everything else on stderr, exit code 0 only for success. */
@Command(
    name = "limpet",
    description = "Sticky processes for Java: one live copy of every stateful thing, on one node.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Also: limpet test runs the whole test suite,",
      "      limpet jmh measures the small pieces (see bench/README.md)."
    },
    subcommands = {
      DemoCommand.class,
      NodeCommand.class,
      CertsCommand.class,
      StatusCommand.class,
      WhereCommand.class,
      InspectCommand.class,
      CallCommand.class,
      WatchCommand.class,
      MoveCommand.class,
      UnpinCommand.class,
      DrainCommand.class,
      UndrainCommand.class,
      ForgetCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
      SimCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  Main() {}

  public static void main(String[] args) {
    // Not a return: a node's libraries may leave threads behind that would keep the JVM alive.
    System.exit(commandLine().execute(args));
  }

  /** The commands, with errors told in one line. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setParameterExceptionHandler(Main::wrongUsage)
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do");
  }

  private static int wrongUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("limpet: " + e.getMessage() + "; see: " + name + " --help");
    return Refusal.USAGE;
  }

  private static int failed(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    return switch (e) {
      case Refusal refusal -> {
        err.println("limpet: " + refusal.getMessage());
        yield refusal.exitCode();
      }
      case LimpetException ours -> {
        err.println("limpet: " + ours);
        yield switch (ours.code()) {
          case INVALID_SETTING, NOT_SECURED, TLS_UNUSABLE -> Refusal.USAGE;
          default -> Refusal.FAILED;
        };
      }
      default -> {
        err.println("limpet: unexpected, please report it: " + e);
        e.printStackTrace(err);
        yield Refusal.FAILED;
      }
    };
  }

  /** The version that Maven put into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties properties = new Properties();
      try (InputStream in =
          Main.class.getResourceAsStream("/META-INF/maven/dev.limpet/limpet-cli/pom.properties")) {
        if (in != null) {
          properties.load(in);
        }
      }
      return new String[] {"limpet " + properties.getProperty("version", "(built without Maven)")};
    }
  }
}
