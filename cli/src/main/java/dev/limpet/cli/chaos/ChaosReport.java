package dev.limpet.cli.chaos;

import dev.limpet.cli.console.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a run has shown: a summary in lines, and a page with pictures. */
record ChaosReport(
    long seed,
    int nodes,
    boolean networked,
    List<Operation> operations,
    List<Incident> incidents,
    List<String> findings,
    long flippedBits,
    long stalledNanos) {
  private static final int FINDINGS_MAX = 100;

  /** All incidents of one name. */
  record Sum(
      String name,
      int count,
      double longestGap,
      double longestToKeys,
      double longestToNodes,
      long notRun,
      long unknown) {
    static Sum of(String name, Collection<Incident> incidents) {
      return new Sum(
          name,
          incidents.size(),
          incidents.stream().mapToLong(Incident::longestGapNanos).max().orElse(0) / 1e9,
          longest(incidents.stream().map(i -> since(i, i.keysNanos())).toList()),
          longest(incidents.stream().map(i -> since(i, i.nodesNanos())).toList()),
          incidents.stream().mapToLong(Incident::notRun).sum(),
          incidents.stream().mapToLong(Incident::unknown).sum());
    }

    private static long since(Incident incident, @Nullable Long nanos) {
      return Objects.requireNonNullElse(nanos, incident.healedNanos()) - incident.healedNanos();
    }

    private static double longest(List<Long> nanos) {
      return nanos.stream().mapToLong(n -> n).max().orElse(0) / 1e9;
    }
  }

  ChaosReport {
    operations = List.copyOf(operations);
    incidents = List.copyOf(incidents);
    findings = List.copyOf(findings);
  }

  boolean passed() {
    return findings.isEmpty();
  }

  /** By kind of fault; two at once are a kind of their own. */
  List<Sum> sums() {
    Map<String, List<Incident>> byName = new TreeMap<>();
    incidents.forEach(incident ->
        byName.computeIfAbsent(incident.name(), unused -> new ArrayList<>()).add(incident));
    return byName.entrySet().stream().map(each -> Sum.of(each.getKey(), each.getValue())).toList();
  }

  double minutes() {
    return operations.stream().mapToLong(Operation::returnedNanos).max().orElse(0) / 60e9;
  }

  long unknown() {
    return operations.stream().filter(each -> each.outcome() == Operation.Outcome.UNKNOWN).count();
  }

  long done() {
    return operations.stream().filter(Operation::done).count();
  }

  private long faults() {
    return incidents.stream().mapToLong(incident -> incident.kinds().size()).sum();
  }

  /** For people, on a terminal. */
  List<String> lines() {
    Table table =
        new Table(
            "fault", "count", "longest gap", "keys after", "nodes after", "refused", "unknown");
    for (Sum sum : sums()) {
      table.row(
          sum.name,
          Integer.toString(sum.count),
          seconds(sum.longestGap),
          seconds(sum.longestToKeys),
          seconds(sum.longestToNodes),
          Long.toString(sum.notRun),
          Long.toString(sum.unknown));
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    findings.stream().limit(FINDINGS_MAX).map(finding -> "WRONG  " + finding).forEach(lines::add);
    if (!networked) {
      lines.add("on loopback: nothing was done to the network");
    }
    if (flippedBits > 0) {
      lines.add(flippedBits + " bits were flipped on their way");
    }
    lines.add(verdict());
    return lines;
  }

  String verdict() {
    return passed()
        ? "PASSED: every answer is one that a single copy of each process could have given"
        : "FAILED: " + findings.size() + " findings";
  }

  /** One line for programs. */
  String result() {
    double gap = sums().stream().mapToDouble(Sum::longestGap).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "RESULT case=chaos seed=%d minutes=%.1f nodes=%d operations=%d done=%d unknown=%d"
            + " faults=%d longest-gap=%.2fs violations=%d",
        seed,
        minutes(),
        nodes,
        operations.size(),
        done(),
        unknown(),
        faults(),
        gap,
        findings.size());
  }

  void write(Path file) {
    try {
      Files.writeString(file, ReportPage.of(this), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f s", seconds);
  }
}
