package dev.limpet.cli.bench;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a call over HTTP costs: to a counter in the memory of one node, beside an empty answer of the same server, and the
 * same of another server if there is one. All run in JVMs of their own the whole time, and are loaded in turns.
 */
final class HttpBench {
  private static final int ROUNDS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String BODY = "[1]";
  private static final String NODE_HEAP = "-Xmx768m"; // as NodeChild gives
  private static final double MIB = 1 << 20;

  private final int connections;
  private final int keys;
  private final int warmSeconds;
  private final int seconds;
  private final PrintWriter err;
  private final List<Server> servers = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();

  /**
   * Has measured nothing yet.
   *
   * @param seconds of all turns of one target together
   */
  HttpBench(int connections, int keys, int warmSeconds, int seconds, PrintWriter err) {
    this.connections = connections;
    this.keys = keys;
    this.warmSeconds = warmSeconds;
    this.seconds = seconds;
    this.err = err;
  }

  /** A program that serves until its input ends. */
  private record Server(Process process, InetSocketAddress address) {}

  /** One kind of request to one server. */
  private static final class Target {
    final String name;
    final long pid;
    final HttpLoad load;
    final List<Turn> turns = new ArrayList<>();

    Target(String name, long pid, InetSocketAddress address, List<byte[]> requests) {
      this.name = name;
      this.pid = pid;
      this.load = new HttpLoad(address, requests);
    }

    double median(ToDoubleFunction<Turn> figure) {
      return HttpBench.median(turns.stream().mapToDouble(figure).boxed().toList());
    }
  }

  private record Turn(HttpLoad.Sample sample, double cpuMicrosEach, double residentMib) {
    double micros(double percentile) {
      return sample.nanos().getValueAtPercentile(percentile) / 1e3;
    }
  }

  /**
   * Measures; the last line is the result.
   *
   * @param beside a command that serves as {@link BareServer} does; null for none
   */
  List<String> run(@Nullable String beside) throws InterruptedException {
    LocalCluster cluster =
        LocalCluster.layOut(LocalCluster.onLoopback(1, 0, 0), List.of(), List.of("--bench"));
    try {
      NodeChild node = cluster.nodes().getFirst();
      node.start();
      LocalCluster.awaitReady(List.of(node), PATIENCE);
      Target limpet =
          target("limpet call", node.pid(), address(node.http()), "/v1/bench-counter/k%d/add");
      Target empty = bare("helidon", OwnJvm.command(BareServer.class.getName(), NODE_HEAP));
      if (beside != null) {
        Target unused = bare("beside", List.of(beside));
      }
      measure();
      return lines(limpet, empty);
    } finally {
      servers.forEach(server -> server.process().destroyForcibly());
      cluster.close();
    }
  }

  private void measure() throws InterruptedException {
    int each = Math.max(1, seconds / ROUNDS);
    for (int round = 0; round <= ROUNDS; round++) {
      // The first one only warms up; every other one runs backwards.
      List<Target> order = round % 2 == 0 ? targets : targets.reversed();
      for (Target target : order) {
        say(
            round == 0
                ? "warming up: " + target.name
                : "round %d of %d: %s".formatted(round, ROUNDS, target.name));
        Turn turn = turn(target, round == 0 ? warmSeconds : 1, each);
        if (round > 0) {
          target.turns.add(turn);
        }
      }
    }
  }

  private Turn turn(Target target, int warm, int measured) throws InterruptedException {
    long[] cpu = new long[1];
    HttpLoad.Sample sample =
        target.load.run(connections, warm, measured, () -> cpu[0] = cpuNanos(target.pid));
    long used = cpuNanos(target.pid) - cpu[0];
    if (sample.nanos().getTotalCount() == 0) {
      throw Refusal.failed(target.name + " answered nothing: " + target.load.firstFailure());
    }
    return new Turn(
        sample, used / 1e3 / sample.nanos().getTotalCount(), residentBytes(target.pid) / MIB);
  }

  private List<String> lines(Target limpet, Target empty) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-16s %10s %10s %10s %13s %10s %12s"
            .formatted("", "calls/s", "p50 us", "p99 us", "CPU us/call", "RSS MiB", "limpet/it"));
    for (Target target : targets) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-16s %10.0f %10.0f %10.0f %13.1f %10.0f %12.2f",
              target.name,
              target.median(turn -> turn.sample().rate()),
              target.median(turn -> turn.micros(50)),
              target.median(turn -> turn.micros(99)),
              target.median(Turn::cpuMicrosEach),
              target.median(Turn::residentMib),
              ratio(limpet, target)));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "RESULT case=http rate=%.0f/s p50=%.1fus p99=%.1fus cpu=%.1fus empty-rate=%.0f/s"
                + " empty-p99=%.1fus empty-cpu=%.1fus ratio=%.2f connections=%d keys=%d failed=%d",
            limpet.median(turn -> turn.sample().rate()),
            limpet.median(turn -> turn.micros(50)),
            limpet.median(turn -> turn.micros(99)),
            limpet.median(Turn::cpuMicrosEach),
            empty.median(turn -> turn.sample().rate()),
            empty.median(turn -> turn.micros(99)),
            empty.median(Turn::cpuMicrosEach),
            ratio(limpet, empty),
            connections,
            keys,
            targets.stream()
                .flatMap(target -> target.turns.stream())
                .mapToLong(turn -> turn.sample().failed())
                .sum()));
    return lines;
  }

  /** Of the rates; the median of the rounds' ratios. */
  private static double ratio(Target one, Target other) {
    return median(
        IntStream.range(0, one.turns.size())
            .mapToObj(i -> one.turns.get(i).sample().rate() / other.turns.get(i).sample().rate())
            .toList());
  }

  private static double median(List<Double> figures) {
    List<Double> sorted = new ArrayList<>(figures);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private Target target(String name, long pid, InetSocketAddress address, String path) {
    List<byte[]> requests =
        IntStream.range(0, keys).mapToObj(key -> HttpLoad.post(path.formatted(key), BODY)).toList();
    Target target = new Target(name, pid, address, requests);
    targets.add(target);
    return target;
  }

  /** Starts a server; the target of its empty answers. */
  private Target bare(String name, List<String> command) throws InterruptedException {
    Server server = start(command);
    servers.add(server);
    long pid = server.process().pid();
    Target empty = target(name + " empty", pid, server.address(), "/empty");
    Target unused = target(name + " count", pid, server.address(), "/count/k%d");
    return empty;
  }

  private static Server start(List<String> command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      Process process = builder.start();
      BufferedReader out = process.inputReader();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(BareServer.SAYS)) {
          int port = Integer.parseInt(line.substring(BareServer.SAYS.length()).strip());
          return new Server(process, new InetSocketAddress("127.0.0.1", port));
        }
      }
      process.destroyForcibly();
      throw Refusal.failed(command.getFirst() + " ended without having served");
    } catch (IOException e) {
      throw Refusal.failed(command.getFirst() + " cannot be started: " + e.getMessage());
    }
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  private static long cpuNanos(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO)
        .toNanos();
  }

  /** Memory that it takes of the machine; 0 where the system does not say. */
  private static long residentBytes(long pid) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    try {
      return Files.exists(status)
          ? Files.readAllLines(status).stream()
                  .filter(line -> line.startsWith("VmRSS:"))
                  .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                  .sum()
              << 10
          : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
