package dev.limpet.node;

import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.node.home.MoveWatch.Step;
import dev.limpet.spi.Evidence;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.NodeSettings;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.spi.Roles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A node in a JVM of its own that dies at a step of a planned move, as if by {@code kill -9}, or stops there and goes on
 * when it is told to. Lines on its standard input tell it: {@code die STEP}, {@code hold STEP}, {@code go}. It says {@code
 * ready} on its output, and ends with its input.
 */
final class SteppedNode {
  private static final int KILLED = 137;

  private static volatile @Nullable Step deadly;
  private static volatile @Nullable Step held;
  private static final Semaphore goOn = new Semaphore(0);

  private SteppedNode() {}

  /** Arguments: id, data directory, cluster address, seeds. */
  public static void main(String[] arguments) throws IOException {
    Limpet node =
        new ClusteredNode(
                settings(
                    arguments[0],
                    Path.of(arguments[1]),
                    arguments[2],
                    List.of(arguments[3].split(",", -1))),
                FixedVoters.in(Seams.NONE.withMoves(SteppedNode::at)))
            .start();
    System.out.println("ready " + node.nodeId());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      obey(line.split(" ", 2));
    }
    Runtime.getRuntime().halt(KILLED);
  }

  private static void obey(String[] order) {
    switch (order[0]) {
      case "die" -> deadly = Step.valueOf(order[1]);
      case "hold" -> {
        goOn.drainPermits(); // of an earlier go
        held = Step.valueOf(order[1]);
      }
      default -> {
        held = null;
        goOn.release(Integer.MAX_VALUE / 2);
      }
    }
    System.out.println("armed " + String.join(" ", order));
  }

  static NodeSettings settings(String id, Path data, String address, List<String> seeds) {
    return settings(id, data, address, seeds, Duration.ofMillis(1_500));
  }

  static NodeSettings settings(
      String id, Path data, String address, List<String> seeds, Duration lease) {
    Acts acts = new Acts();
    return new NodeSettings(
        "steps",
        id,
        data,
        address,
        "",
        seeds,
        Duration.ofSeconds(10),
        new NodeSettings.Timing(Duration.ofMillis(200), lease, 24),
        RefusedPorts.LOOPBACK,
        EnumSet.allOf(Evidence.class),
        null,
        false,
        false,
        Roles.NONE,
        List.of(
            new Hosted<>(
                Probe.class, self -> new ProbeProcess(self, acts), Hosting.Options.DEFAULT)));
  }

  private static void at(int shard, Step step) {
    if (step == deadly) {
      Runtime.getRuntime().halt(KILLED);
    }
    if (step == held) {
      System.out.println("met " + step);
      goOn.acquireUninterruptibly();
    }
  }
}
