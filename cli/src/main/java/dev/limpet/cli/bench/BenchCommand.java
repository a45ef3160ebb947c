package dev.limpet.cli.bench;

import dev.limpet.cli.console.Logs;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code limpet bench CASE}. */
@Command(
    name = "bench",
    description = "Measure. The last line on stdout begins with RESULT.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BenchCommand implements Callable<Integer> {
  /** Which node of three is to fail. */
  enum Victim {
    /** One that does not lead the ledger. */
    HOME,
    /** The one that leads the ledger. */
    LEADER,
    /** First the one, then the other. */
    BOTH
  }

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "CASE",
      description = "local, remote, durable, activate, failover or move.")
  BenchCase which = BenchCase.LOCAL;

  @Option(
      names = "--warm",
      paramLabel = "S",
      defaultValue = "8",
      description = "Warm-up; default ${DEFAULT-VALUE} s.")
  int warmSeconds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long it measures, or probes after a failure; default ${DEFAULT-VALUE} s.")
  int seconds;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "256",
      description = "Calls in flight; default ${DEFAULT-VALUE}.")
  int window;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Random keys; default ${DEFAULT-VALUE}.")
  int keys;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "500000",
      description = "For activate: how many; default ${DEFAULT-VALUE}.")
  int processes;

  @Option(names = "--tls", description = "For remote and durable: with TLS between the nodes.")
  boolean tls;

  @Option(
      names = "--victim",
      paramLabel = "WHO",
      defaultValue = "home",
      description =
          "For failover: home (a node that does not lead the ledger), leader, or both; default"
              + " ${DEFAULT-VALUE}.")
  Victim victim = Victim.HOME;

  @Option(
      names = "--freeze",
      paramLabel = "S",
      defaultValue = "0",
      description = "For failover: SIGSTOP for so many seconds instead of kill -9.")
  int freezeSeconds;

  @Option(
      names = "--refused-ports",
      paramLabel = "WHEN",
      defaultValue = "loopback",
      description =
          "For failover: whether a refused port is taken for a dead node; default ${DEFAULT-VALUE}.")
  String refusedPorts = "loopback";

  @Option(
      names = "--evidence",
      paramLabel = "KINDS",
      defaultValue = "none",
      description =
          "For failover: what else is, such as child, the word of this process, which starts the"
              + " nodes; default ${DEFAULT-VALUE}.")
  String evidence = "none";

  @Option(
      names = "--explain",
      description =
          "For failover: when each step between the failure and the answers was done. For move: what"
              + " each step took.")
  boolean explains;

  @Override
  public Integer call() throws Exception {
    check("--warm", warmSeconds, 1, 600);
    check("--seconds", seconds, 1, 3_600);
    check("--window", window, 1, 10_000);
    check("--keys", keys, 1, 1_000_000);
    check("--processes", processes, 1_000, 10_000_000);
    check("--freeze", freezeSeconds, 0, 600);
    Logs.setUp();
    PrintWriter err = spec.commandLine().getErr();
    ClosedLoop loop = new ClosedLoop(keys, window, warmSeconds, seconds, err);
    String result =
        switch (which) {
          case LOCAL -> CallBenches.local(loop);
          case REMOTE -> CallBenches.remote(loop, tls);
          case DURABLE -> CallBenches.durable(loop, tls);
          case ACTIVATE -> ActivateBench.run(processes, err);
          case FAILOVER ->
              failover(
                  new FailoverBench(
                      warmSeconds, seconds, freezeSeconds, refusedPorts, evidence, explains, err));
          case MOVE -> move(new MoveBench(loop, warmSeconds, seconds));
        };
    spec.commandLine().getOut().println(result);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private String failover(FailoverBench bench) throws InterruptedException {
    String result = bench.run(victim);
    bench.explained().forEach(spec.commandLine().getOut()::println);
    return result;
  }

  private String move(MoveBench bench) throws InterruptedException {
    String result = bench.run();
    if (explains) {
      bench.explained().forEach(spec.commandLine().getOut()::println);
    }
    return result;
  }

  private void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          "%s must be from %d to %d, got %d".formatted(name, least, most, value));
    }
  }
}
