package dev.limpet.cli.bench.growth;

import dev.limpet.cli.bench.OwnJvm;
import dev.limpet.cli.bench.growth.Curve.Line;
import dev.limpet.cli.bench.growth.Curve.Point;
import dev.limpet.cli.bench.growth.Curve.Run;
import dev.limpet.cli.console.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code limpet bench growth}: each point in a JVM of its own, one after the other. */
public final class Growth {
  private static final int DURABLE_WARM_SECONDS = 20;
  private static final Pattern RATE = Pattern.compile(" rate=([0-9.]+)/s");
  private static final Pattern P99 = Pattern.compile(" p99=([0-9.]+)us");

  private final int warmSeconds;
  private final int seconds;
  private final Path folder;
  private final PrintWriter out;
  private final PrintWriter err;

  /**
   * Has measured nothing yet.
   *
   * @param folder where the pictures go
   */
  public Growth(int warmSeconds, int seconds, Path folder, PrintWriter out, PrintWriter err) {
    this.warmSeconds = warmSeconds;
    this.seconds = seconds;
    this.folder = folder;
    this.out = out;
    this.err = err;
  }

  /**
   * Measures the curves of these names, or all for none; prints the points, and writes a picture of each.
   *
   * @return whether each run gave a point
   * @throws Refusal if a name is not known, or the folder cannot be written
   */
  public boolean run(Set<String> names) throws InterruptedException {
    List<String> known = Curves.all().stream().map(Curve::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw Refusal.usage(
            "there is no curve \"%s\"; there are: %s".formatted(name, String.join(", ", known)));
      }
    }
    int wanted = 0;
    int seen = 0;
    for (Curve curve : Curves.all()) {
      if (names.isEmpty() || names.contains(curve.name())) {
        Map<String, List<Point>> lines = measured(curve);
        write(curve, LogPlot.of(curve, lines));
        wanted += curve.lines().stream().mapToInt(line -> line.runs().size()).sum();
        seen += lines.values().stream().mapToInt(List::size).sum();
      }
    }
    out.println(
        "RESULT case=growth points=%d failed=%d pictures=%s"
            .formatted(seen, wanted - seen, folder));
    out.flush();
    return seen == wanted;
  }

  private Map<String, List<Point>> measured(Curve curve) throws InterruptedException {
    Map<String, List<Point>> lines = new LinkedHashMap<>();
    for (Line line : curve.lines()) {
      List<Point> points = new ArrayList<>();
      for (Run run : line.runs()) {
        Point point = point(run);
        if (point == null) {
          say("no figures of: bench " + String.join(" ", run.arguments()));
        } else {
          points.add(point);
          out.println(
              String.format(
                  Locale.ROOT,
                  "%-8s %-8s %12s %12.0f/s  p99 %10.1f us",
                  curve.name(),
                  line.name(),
                  LogPlot.shortly(point.at()),
                  point.rate(),
                  point.p99()));
          out.flush();
        }
      }
      lines.put(line.name(), points);
    }
    return lines;
  }

  private @Nullable Point point(Run run) throws InterruptedException {
    List<String> command = OwnJvm.command("dev.limpet.cli.Main");
    command.add("bench");
    command.addAll(run.arguments());
    // Nodes of several JVMs compile for long on the cores that they share.
    boolean saved = run.arguments().getFirst().equals("durable");
    int warm = saved ? Math.max(warmSeconds, DURABLE_WARM_SECONDS) : warmSeconds;
    command.addAll(List.of("--warm=" + warm, "--seconds=" + seconds));
    say("bench " + String.join(" ", run.arguments()));
    try {
      Process child = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
      try {
        @Nullable Point point = null;
        BufferedReader said = child.inputReader();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
          point = point(run.at(), line);
        }
        return child.waitFor() == 0 ? point : null;
      } finally {
        child.destroy();
      }
    } catch (IOException e) {
      throw Refusal.failed("a run cannot be started: " + e.getMessage());
    }
  }

  /** What a line of a result says; null for any other line. */
  static @Nullable Point point(double at, String line) {
    Matcher rate = RATE.matcher(line);
    Matcher p99 = P99.matcher(line);
    return line.startsWith("RESULT ") && rate.find() && p99.find()
        ? new Point(at, Double.parseDouble(rate.group(1)), Double.parseDouble(p99.group(1)))
        : null;
  }

  private void write(Curve curve, String picture) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("growth-" + curve.name() + ".svg"), picture);
    } catch (IOException e) {
      throw Refusal.failed("the picture cannot be written: " + e.getMessage());
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
