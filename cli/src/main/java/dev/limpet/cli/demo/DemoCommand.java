package dev.limpet.cli.demo;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code limpet demo}. */
@Command(
    name = "demo",
    description =
        "Run a small cluster, kill one of its nodes in the middle of real work, and check every"
            + " answer.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final int HTTP_PORT = 7101;
  private static final int CLUSTER_PORT = 7201;

  /** Half a minute is too short for the JVM's second compiler to pay, where several JVMs share a few processors. */
  private static final List<String> JVM_OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final int NODES_MAX = 9;
  private static final int SECONDS_MIN = 6;
  private static final int SECONDS_MAX = 3_600;
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "3",
      description = "Default ${DEFAULT-VALUE}.")
  int nodes;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long the work goes on; default ${DEFAULT-VALUE}.")
  int seconds;

  @Option(names = "--keep", description = "Leave the cluster running afterwards.")
  boolean keep;

  @Override
  public Integer call() {
    check("--nodes", nodes, 1, NODES_MAX);
    check("--seconds", seconds, SECONDS_MIN, SECONDS_MAX);
    PrintWriter err = spec.commandLine().getErr();
    try (LocalCluster cluster =
        LocalCluster.layOut(nodes, HTTP_PORT, CLUSTER_PORT, JVM_OPTIONS, List.of())) {
      long began = System.nanoTime();
      err.printf(
          "starting %d nodes, each a JVM of its own, with their data in %s%n",
          nodes, cluster.folder());
      err.flush();
      cluster.nodes().forEach(NodeChild::start);
      LocalCluster.awaitReady(cluster.nodes(), START_PATIENCE);
      err.printf(Locale.ROOT, "all serve after %.1f s%n", (System.nanoTime() - began) / 1e9);
      cluster
          .nodes()
          .forEach(node ->
              err.printf("  %s  http://%s  cluster %s%n", node.id(), node.http(), node.cluster()));
      err.flush();
      DemoReport report = new DemoRun(cluster, seconds, err).run();
      PrintWriter out = spec.commandLine().getOut();
      out.println();
      report.lines().forEach(out::println);
      out.flush();
      if (keep) {
        leaveRunning(cluster, err);
      }
      return report.passed() ? 0 : 1;
    }
  }

  private static void leaveRunning(LocalCluster cluster, PrintWriter err) {
    cluster.letLiveOn();
    String first = cluster.nodes().getFirst().http();
    String pids =
        cluster.nodes().stream()
            .map(node -> Long.toString(node.pid()))
            .collect(Collectors.joining(" "));
    err.println();
    err.println("the cluster is left running:");
    cluster
        .nodes()
        .forEach(
            node -> err.printf("  %s  http://%s  pid %d%n", node.id(), node.http(), node.pid()));
    err.printf("  ask it:   ./limpet status --url http://%s%n", first);
    err.printf("  call it:  curl -d '{\"n\":1}' http://%s/v1/counter/mine/add%n", first);
    err.printf("  stop it:  kill %s%n", pids);
    err.printf("  its data, to be deleted after that, is in %s%n", cluster.folder());
    err.flush();
  }

  private void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          "%s must be from %d to %d, got %d".formatted(name, least, most, value));
    }
  }
}
