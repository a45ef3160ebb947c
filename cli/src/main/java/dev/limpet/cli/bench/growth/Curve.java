package dev.limpet.cli.bench.growth;

import java.util.List;

/**
 * One picture: how calls a second depend on something.
 *
 * @param name of its file, without an ending
 * @param grows what grows, for people
 * @param logarithmic whether each step of what grows is a multiple of the last
 */
record Curve(String name, String grows, boolean logarithmic, List<Line> lines) {
  Curve {
    lines = List.copyOf(lines);
  }

  /** One case of {@code limpet bench}. */
  record Line(String name, List<Run> runs) {
    Line {
      runs = List.copyOf(runs);
    }
  }

  /**
   * One point.
   *
   * @param arguments of {@code limpet bench}
   */
  record Run(double at, List<String> arguments) {
    Run {
      arguments = List.copyOf(arguments);
    }
  }

  /** What a run has shown; {@code rate} in calls a second, {@code p99} in microseconds. */
  record Point(double at, double rate, double p99) {}
}
