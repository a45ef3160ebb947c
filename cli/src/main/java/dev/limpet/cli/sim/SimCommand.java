package dev.limpet.cli.sim;

import dev.limpet.sim.Soak;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code limpet sim}. */
@Command(
    name = "sim",
    description = {
      "Torture simulated clusters, one for each seed, and check every promise.",
      "The last line on stdout begins with RESULT; exit code 1 if a promise was broken."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class SimCommand implements Callable<Integer> {
  private static final double NANOS_PER_MINUTE = 60e9;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "1",
      description = "How long to go on; default ${DEFAULT-VALUE}.")
  double minutes;

  @Option(
      names = "--from",
      paramLabel = "N",
      defaultValue = "1",
      description = "The first seed; default ${DEFAULT-VALUE}.")
  long from;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Only this seed, with all that happens.")
  @Nullable Long seed;

  @Override
  public Integer call() {
    if (!(minutes > 0)) {
      throw new ParameterException(spec.commandLine(), "--minutes must be above 0; got " + minutes);
    }
    Soak soak = new Soak(spec.commandLine().getOut(), spec.commandLine().getErr());
    boolean kept =
        seed != null ? soak.replay(seed) : soak.run(from, (long) (minutes * NANOS_PER_MINUTE));
    return kept ? 0 : 1;
  }
}
