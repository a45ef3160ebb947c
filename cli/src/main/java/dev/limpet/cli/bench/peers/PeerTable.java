package dev.limpet.cli.bench.peers;

import dev.limpet.cli.console.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What came of all rounds: medians, and Limpet's rate against each of the others' by rounds. */
final class PeerTable {
  private final int rounds;
  private final List<Sample> samples;

  PeerTable(int rounds, List<Sample> samples) {
    this.rounds = rounds;
    this.samples = List.copyOf(samples);
  }

  /** The middle one, or the mean of the two in the middle; empty if there is none. */
  static OptionalDouble median(double... values) {
    if (values.length == 0) {
      return OptionalDouble.empty();
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }

  /** One row for each case, number of calls in flight and contender that has figures. */
  List<String> lines() {
    Table table =
        new Table(
            "case",
            "in flight",
            "contender",
            "calls/s",
            "p50 us",
            "p99 us",
            "CPU us/call",
            "bytes/call",
            "limpet/it",
            "rounds");
    rows().forEach(table::row);
    return table.lines();
  }

  /** The line for scripts: each ratio by its name, such as {@code remote-pekko=8.31 remote-one-pekko=4.05}. */
  String result() {
    StringBuilder line = new StringBuilder("RESULT case=peers rounds=" + rounds);
    for (Row row : allRows()) {
      row.ratio()
          .ifPresent(ratio -> line.append(' ').append(row.name()).append('=').append(two(ratio)));
    }
    return line.toString();
  }

  private List<String[]> rows() {
    return allRows().stream().map(Row::cells).toList();
  }

  private List<Row> allRows() {
    List<Row> rows = new ArrayList<>();
    List<String> contenders = samples.stream().map(Sample::contender).distinct().sorted().toList();
    for (PeerCase which : PeerCase.values()) {
      for (boolean one : new boolean[] {false, true}) {
        List<Sample> same =
            samples.stream().filter(s -> s.which() == which && s.oneAtATime() == one).toList();
        // Limpet first: the ratios below it are about it.
        addRow(rows, Contender.LIMPET, same);
        contenders.stream()
            .filter(contender -> !contender.equals(Contender.LIMPET))
            .forEach(contender -> addRow(rows, contender, same));
      }
    }
    return rows;
  }

  private static void addRow(List<Row> rows, String contender, List<Sample> sameCase) {
    List<Sample> own =
        sameCase.stream().filter(sample -> sample.contender().equals(contender)).toList();
    if (!own.isEmpty()) {
      rows.add(new Row(own, sameCase));
    }
  }

  /** One contender in one case, with what all did in it. */
  private record Row(List<Sample> own, List<Sample> sameCase) {
    private Sample first() {
      return own.getFirst();
    }

    String name() {
      return first().which().word() + (first().oneAtATime() ? "-one-" : "-") + first().contender();
    }

    /** The median over the rounds that both were in. */
    OptionalDouble ratio() {
      if (first().contender().equals(Contender.LIMPET)) {
        return OptionalDouble.empty();
      }
      return median(
          own.stream()
              .flatMap(it -> limpetIn(it.round()).map(limpet -> rate(limpet) / rate(it)).stream())
              .mapToDouble(ratio -> ratio)
              .toArray());
    }

    private Optional<Sample> limpetIn(int round) {
      return sameCase.stream()
          .filter(s -> s.round() == round && s.contender().equals(Contender.LIMPET))
          .findFirst();
    }

    private static double rate(Sample sample) {
      return sample.figures().rate();
    }

    String[] cells() {
      return new String[] {
        first().which().word(),
        Integer.toString(first().figures().window()),
        first().contender(),
        text(medianOf(Row::rate), PeerTable::whole),
        text(medianOf(sample -> sample.figures().p50Micros()), PeerTable::one),
        text(medianOf(sample -> sample.figures().p99Micros()), PeerTable::one),
        text(
            median(own.stream().flatMapToDouble(s -> s.cpuMicros().stream()).toArray()),
            PeerTable::two),
        text(
            median(
                own.stream().flatMapToDouble(s -> s.figures().allocatedBytes().stream()).toArray()),
            PeerTable::whole),
        text(ratio(), PeerTable::two),
        Integer.toString(own.size())
      };
    }

    private OptionalDouble medianOf(ToDoubleFunction<Sample> figure) {
      return median(own.stream().mapToDouble(figure).toArray());
    }
  }

  private static String text(OptionalDouble value, Function<Double, String> format) {
    return value.isPresent() ? format.apply(value.getAsDouble()) : "-";
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }

  private static String one(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
