package dev.limpet.cli.chaos;

import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.network.Namespaces;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code limpet chaos}. */
@Command(
    name = "chaos",
    description =
        "Run a cluster under load while nodes die and the network breaks, and check every answer.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class ChaosCommand implements Callable<Integer> {
  private static final int NODES = 5;
  private static final int NODES_ON_LOOPBACK = 3;
  private static final int NODES_MAX = 9;
  private static final double MINUTES_MAX = 55;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "3",
      description = "How long faults go on, a fraction too; default ${DEFAULT-VALUE}.")
  double minutes;

  @Option(
      names = "--faults",
      paramLabel = "KIND,...",
      description = "Which faults; default all that are possible here. See the documentation.")
  @Nullable String faults;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The faults and the load are drawn from it; default a new one, which is told.")
  @Nullable Long seed;

  @Option(names = "--nodes", paramLabel = "N", description = "Default 5, and 3 on loopback.")
  @Nullable Integer nodes;

  @Option(
      names = "--loopback",
      description = "Without network namespaces, and without faults of the network.")
  boolean loopback;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the history, the report and the logs go; default target/chaos/SEED.")
  @Nullable Path out;

  @Option(
      names = "--check",
      paramLabel = "FILE",
      description = "Run nothing; check the history of an earlier run, history.jsonl.")
  @Nullable Path check;

  @Override
  public Integer call() throws IOException {
    if (check != null) {
      return checkAgain(check);
    }
    if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
      throw usage("--minutes must be more than 0 and at most %.0f".formatted(MINUTES_MAX));
    }
    if (nodes != null && (nodes < 1 || nodes > NODES_MAX)) {
      throw usage("--nodes must be from 1 to " + NODES_MAX + ", got " + nodes);
    }
    Set<FaultKind> chosen = chosen();
    PrintWriter err = spec.commandLine().getErr();
    long drawn = seed == null ? new SecureRandom().nextInt(1_000_000_000) : seed;
    Path folder = out == null ? Path.of("target", "chaos", Long.toString(drawn)) : out;
    Files.createDirectories(folder);
    boolean networked = !loopback && Namespaces.permitted();
    int count = nodes != null ? nodes : networked ? NODES : NODES_ON_LOOPBACK;
    try (ChaosBed bed = ChaosBed.make(count, networked, chosen)) {
      Set<FaultKind> kinds = bed.possible(chosen);
      if (kinds.isEmpty()) {
        throw Refusal.failed("none of these faults is possible here");
      }
      err.printf("seed %d, %d nodes, faults: %s%n", drawn, count, kinds);
      if (kinds.size() < chosen.size()) {
        err.println(
            "not possible here: "
                + EnumSet.copyOf(chosen).stream().filter(k -> !kinds.contains(k)).toList());
      }
      err.flush();
      return tell(run(bed, new FaultPlan(drawn, kinds, count), drawn, folder), folder);
    }
  }

  private ChaosReport run(ChaosBed bed, FaultPlan plan, long drawn, Path folder) {
    try {
      bed.start();
      try (History history = new History(folder.resolve("history.jsonl"));
          Stalls stalls = Stalls.watching()) {
        Injector injector = bed.injector();
        ChaosRun run =
            new ChaosRun(
                bed.cluster(), injector, plan, history, stalls, spec.commandLine().getErr());
        run.run(Math.round(minutes * 60e9), drawn);
        return new ChaosReport(
            drawn,
            bed.cluster().nodes().size(),
            bed.isNetworked(),
            history.operations(),
            run.incidents(),
            run.findings(),
            injector.flipped(),
            stalls.nanos());
      }
    } finally {
      bed.keepLogs(folder);
    }
  }

  private int tell(ChaosReport report, Path folder) {
    Path page = folder.resolve("report.html");
    report.write(page);
    PrintWriter print = spec.commandLine().getOut();
    report.lines().forEach(print::println);
    print.println("report: " + page);
    print.println(report.result());
    print.flush();
    return report.passed() ? 0 : Refusal.FAILED;
  }

  private int checkAgain(Path file) {
    List<Operation> operations = History.read(file);
    List<String> findings = Checks.all(operations);
    PrintWriter print = spec.commandLine().getOut();
    findings.forEach(finding -> print.println("WRONG  " + finding));
    print.printf("%d operations, %d findings%n", operations.size(), findings.size());
    print.flush();
    return findings.isEmpty() ? 0 : Refusal.FAILED;
  }

  private Set<FaultKind> chosen() {
    if (faults == null) {
      return EnumSet.allOf(FaultKind.class);
    }
    try {
      return FaultKind.parse(faults);
    } catch (IllegalArgumentException e) {
      throw usage("--faults: " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
