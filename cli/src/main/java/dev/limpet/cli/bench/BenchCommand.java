package dev.limpet.cli.bench;

import dev.limpet.cli.bench.growth.Growth;
import dev.limpet.cli.bench.peers.Peers;
import dev.limpet.cli.console.Logs;
import dev.limpet.cli.console.Refusal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  /** Of how many calls at home one is timed. */
  private static final int LOCAL_TIMED_ONE_IN = 8;

  private static final Set<BenchCase> AT_A_RATE =
      EnumSet.of(BenchCase.LOCAL, BenchCase.REMOTE, BenchCase.DURABLE, BenchCase.MOVE);

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "CASE",
      description = "local, remote, durable, activate, failover, move, http or growth.")
  @Nullable BenchCase which;

  @Option(
      names = "--peers",
      description =
          "Instead of a case: those that there are others to compare with, all on this machine; what"
              + " each needs is in bench/README.md.")
  boolean peers;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "With --peers: how often all of them are measured; default ${DEFAULT-VALUE}.")
  int rounds;

  @Option(
      names = "--only",
      paramLabel = "NAMES",
      split = ",",
      description =
          "With --peers: some of limpet, pekko, erlang, raw, postgres. For growth: some of keys, window,"
              + " payload, hot, nodes.")
  Set<String> only = new LinkedHashSet<>();

  @Option(
      names = "--warm",
      paramLabel = "S",
      description =
          "Warm-up; default 8 s, for durable 60 s (three JVMs compile), with --peers 5 s.")
  @Nullable Integer warm;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description =
          "How long it measures, or probes after a failure; default 10 s, with --peers 8 s.")
  @Nullable Integer measured;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "For local, remote and durable: so many calls a second, whatever became of those before;"
              + " latency counts from when a call was due. Default: each caller makes its next call"
              + " when it has the answer to its last. For move: to all processes together; default"
              + " 3200.")
  int rate;

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
      names = "--hot",
      paramLabel = "PERCENT",
      defaultValue = "0",
      description =
          "For local, remote and durable: so many of the calls go to one key; default ${DEFAULT-VALUE}.")
  int hot;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      defaultValue = "0",
      description =
          "For local and remote: so many bytes go there and come back with each call; default: a number.")
  int payload;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description =
          "For remote (default 2, one of which calls the others) and durable (default 3).")
  @Nullable Integer nodes;

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
      names = "--beside",
      paramLabel = "COMMAND",
      description =
          "For http: another server to measure, too; a command that serves as bench/peers/jetty/run.sh does.")
  @Nullable String beside;

  @Option(
      names = "--pictures",
      paramLabel = "FOLDER",
      defaultValue = "pictures",
      description = "For growth: where they go; default ${DEFAULT-VALUE}.")
  Path pictures = Path.of("pictures");

  @Option(
      names = "--explain",
      description =
          "For failover: when each step between the failure and the answers was done. For move: what"
              + " each step took.")
  boolean explains;

  @Override
  public Integer call() throws Exception {
    int warmSeconds = warm != null ? warm : peers ? 5 : which == BenchCase.DURABLE ? 60 : 8;
    int seconds = measured != null ? measured : peers ? 8 : 10;
    check("--warm", warmSeconds, 1, 600);
    check("--seconds", seconds, 1, 3_600);
    check("--window", window, 1, 10_000);
    check("--keys", keys, 1, 10_000_000);
    check("--hot", hot, 0, 100);
    check("--payload", payload, 0, 4 << 20);
    check("--processes", processes, 1_000, 10_000_000);
    check("--freeze", freezeSeconds, 0, 600);
    check("--rate", rate, 0, 10_000_000);
    check("--rounds", rounds, 1, 1_000);
    BenchCase one = which;
    if (peers == (one != null)) {
      throw wrong("name one CASE, or say --peers");
    }
    if (!peers && one != BenchCase.GROWTH && !only.isEmpty()) {
      throw wrong("--only is for --peers and growth");
    }
    if (rate != 0 && (one == null || !AT_A_RATE.contains(one))) {
      throw wrong("--rate is for local, remote, durable and move");
    }
    if (beside != null && one != BenchCase.HTTP) {
      throw wrong("--beside is for http");
    }
    if (nodes != null && one != BenchCase.REMOTE && one != BenchCase.DURABLE) {
      throw wrong("--nodes is for remote and durable");
    }
    check("--nodes", nodes == null ? 3 : nodes, one == BenchCase.REMOTE ? 2 : 1, 5);
    if (payload > 0 && one != BenchCase.LOCAL && one != BenchCase.REMOTE) {
      throw wrong("--payload is for local and remote");
    }
    Logs.setUp();
    PrintWriter err = spec.commandLine().getErr();
    if (one == null) {
      PrintWriter out = spec.commandLine().getOut();
      Peers all = new Peers(keys, window, processes, warmSeconds, seconds, out, err);
      return all.run(rounds, only) ? 0 : Refusal.FAILED;
    }
    if (one == BenchCase.GROWTH) {
      PrintWriter out = spec.commandLine().getOut();
      return new Growth(warmSeconds, seconds, pictures, out, err).run(only) ? 0 : Refusal.FAILED;
    }
    Keys called = new Keys(keys, hot);
    ClosedLoop loop =
        new ClosedLoop(
            called,
            window,
            warmSeconds,
            seconds,
            one == BenchCase.LOCAL ? LOCAL_TIMED_ONE_IN : 1,
            err);
    CallLoad load =
        rate == 0 ? loop : new OpenLoop(called, window, rate, warmSeconds, seconds, err);
    CallBenches calls = new CallBenches(load, tls, payload);
    String result =
        switch (one) {
          case LOCAL -> calls.local();
          case REMOTE -> calls.remote(nodes == null ? 2 : nodes);
          case DURABLE -> calls.durable(nodes == null ? 3 : nodes);
          case ACTIVATE -> ActivateBench.run(processes, err);
          case FAILOVER ->
              failover(
                  new FailoverBench(
                      warmSeconds, seconds, freezeSeconds, refusedPorts, evidence, explains, err));
          case MOVE ->
              move(new MoveBench(loop, rate == 0 ? MoveBench.RATE : rate, warmSeconds, seconds));
          case GROWTH -> throw new AssertionError("done above");
          case HTTP -> http(new HttpBench(window, keys, warmSeconds, seconds, err));
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

  private String http(HttpBench bench) throws InterruptedException {
    List<String> lines = bench.run(beside);
    lines.subList(0, lines.size() - 1).forEach(spec.commandLine().getOut()::println);
    return lines.getLast();
  }

  private void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw wrong("%s must be from %d to %d, got %d".formatted(name, least, most, value));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
