package dev.limpet.cli.bench;

import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the steps of planned moves took on some nodes, as their meters count it from one time to another. */
final class MoveExplained {
  private static final int ANSWER_MILLIS = 5_000;
  private static final Pattern SAMPLE =
      Pattern.compile("limpet_move_step_seconds_(count|sum)\\{step=\"(\\w+)\"\\} (\\S+)");

  /** The steps in their order, and what they are called for people. */
  private static final Map<String, String> STEPS = new LinkedHashMap<>();

  static {
    STEPS.put("turns", "the source's turns end, and what they changed is saved");
    STEPS.put("memory", "memory travels to the target");
    STEPS.put("renounce", "the source gives the shard up");
    STEPS.put("claim", "the target claims the shard in the store");
  }

  private final List<NodeChild> nodes;
  private final Map<String, Sum> before;

  private record Sum(double count, double seconds) {
    Sum plus(Sum other) {
      return new Sum(count + other.count, seconds + other.seconds);
    }
  }

  private MoveExplained(List<NodeChild> nodes) {
    this.nodes = nodes;
    this.before = read();
  }

  /** From now on. */
  static MoveExplained on(List<NodeChild> nodes) {
    return new MoveExplained(List.copyOf(nodes));
  }

  /**
   * The mean of each step since then, and what is left of a pause.
   *
   * @param pauseMillis the median pause
   */
  List<String> lines(double pauseMillis) {
    Map<String, Sum> now = read();
    List<String> lines = new ArrayList<>();
    double known = 0;
    for (Map.Entry<String, String> step : STEPS.entrySet()) {
      Sum after = now.getOrDefault(step.getKey(), new Sum(0, 0));
      Sum first = before.getOrDefault(step.getKey(), new Sum(0, 0));
      double count = after.count - first.count;
      double mean = count == 0 ? 0 : (after.seconds - first.seconds) / count * 1e3;
      known += mean;
      lines.add(line(mean, step.getValue() + String.format(Locale.ROOT, " (%.0f times)", count)));
    }
    lines.add(
        line(
            Math.max(0, pauseMillis - known),
            "left of the median pause: the release in the ledger, the views, the caller's way"));
    return lines;
  }

  private static String line(double millis, String what) {
    return String.format(Locale.ROOT, "%7.1f ms  %s", millis, what);
  }

  private Map<String, Sum> read() {
    Map<String, Sum> all = new LinkedHashMap<>();
    for (NodeChild node : nodes) {
      try (Wire wire = Wire.connect(node.http(), ANSWER_MILLIS)) {
        Matcher sample = SAMPLE.matcher(wire.get("/metrics", ANSWER_MILLIS).body());
        while (sample.find()) {
          double value = Double.parseDouble(sample.group(3));
          boolean count = sample.group(1).equals("count");
          all.merge(sample.group(2), new Sum(count ? value : 0, count ? 0 : value), Sum::plus);
        }
      } catch (IOException e) {
        throw Refusal.failed("node " + node.id() + " does not answer: " + e.getMessage());
      }
    }
    return all;
  }
}
