package dev.limpet.cli.bench.growth;

import dev.limpet.cli.bench.growth.Curve.Line;
import dev.limpet.cli.bench.growth.Curve.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** All that is looked at. */
final class Curves {
  private Curves() {}

  static List<Curve> all() {
    return List.of(
        new Curve(
            "keys",
            "processes that are called at random",
            true,
            List.of(
                line("local", "--keys", 1_000, 10_000, 100_000, 1_000_000, 10_000_000),
                line("remote", "--keys", 1_000, 10_000, 100_000),
                line("durable", "--keys", 1_000, 10_000, 100_000))),
        new Curve(
            "window",
            "calls in flight",
            true,
            List.of(
                line("local", "--window", 1, 4, 16, 64, 256, 1_024, 4_096),
                line("remote", "--window", 1, 4, 16, 64, 256, 1_024, 4_096),
                line("durable", "--window", 1, 4, 16, 64, 256, 1_024, 4_096))),
        new Curve(
            "payload",
            "bytes there and back",
            true,
            List.of(
                line("local", "--payload", 16, 256, 4_096, 65_536, 1_048_576),
                line("remote", "--payload", 16, 256, 4_096, 65_536, 1_048_576))),
        new Curve(
            "hot",
            "percent of the calls that go to one process",
            false,
            List.of(
                line("local", "--hot", 0, 25, 50, 75, 100),
                line("remote", "--hot", 0, 25, 50, 75, 100),
                line("durable", "--hot", 0, 25, 50, 75, 100))),
        new Curve(
            "nodes",
            "nodes on one machine",
            false,
            List.of(
                line("remote", "--nodes", 2, 3, 4, 5), line("durable", "--nodes", 1, 2, 3, 4, 5))));
  }

  private static Line line(String which, String option, int... values) {
    return new Line(
        which,
        IntStream.of(values)
            .mapToObj(value -> new Run(value, arguments(which, option, value)))
            .toList());
  }

  private static List<String> arguments(String which, String option, int value) {
    List<String> arguments = new ArrayList<>(List.of(which, option + "=" + value));
    // Large payloads by the hundred would only fill the heap.
    if (option.equals("--payload")) {
      arguments.addAll(Arrays.asList("--keys=1000", "--window=16"));
    }
    return arguments;
  }
}
