package dev.limpet.cli.admin;

import dev.limpet.ProcessId;
import dev.limpet.cli.console.Refusal;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code limpet call TYPE KEY METHOD [JSON]}. */
@Command(
    name = "call",
    description = "Call a process, and print its result as JSON.",
    mixinStandardHelpOptions = true,
    footer = {"", "For example: limpet call wallet alice deposit '{\"cents\":500}'"})
public final class CallCommand implements Callable<Integer> {
  @Mixin AdminOptions options = new AdminOptions();

  @Parameters(index = "0", paramLabel = "TYPE", description = "For example wallet.")
  String type = "";

  @Parameters(index = "1", paramLabel = "KEY", description = "For example alice.")
  String key = "";

  @Parameters(index = "2", paramLabel = "METHOD", description = "For example deposit.")
  String method = "";

  @Parameters(
      index = "3",
      arity = "0..1",
      paramLabel = "JSON",
      description = "The arguments by name.")
  String arguments = "";

  @Option(
      names = "--idempotency-key",
      paramLabel = "TEXT",
      description = "Run once, however often this is repeated with the same key.")
  @Nullable String idempotencyKey;

  @Option(
      names = "--deadline",
      paramLabel = "MS",
      defaultValue = "10000",
      description = "Default ${DEFAULT-VALUE} ms.")
  long deadlineMillis;

  @Override
  public Integer call() {
    if (deadlineMillis < 1) {
      throw Refusal.usage("--deadline must be at least 1 ms, got " + deadlineMillis);
    }
    String result =
        options
            .client()
            .call(
                new ProcessId(type, key),
                method,
                arguments,
                idempotencyKey,
                Duration.ofMillis(deadlineMillis));
    if (!result.isEmpty()) {
      options.out().println(result);
    }
    options.out().flush();
    return 0;
  }
}
