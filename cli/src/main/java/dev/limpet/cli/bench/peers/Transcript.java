package dev.limpet.cli.bench.peers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/** What a harness prints, line by line as it comes: what it measured, and its last words. Thread-safe. */
final class Transcript {
  private static final int WORDS_KEPT = 8;

  private final LongSupplier cpuNanos;
  private final List<Measured> measured = new ArrayList<>();
  private final Deque<String> lastWords = new ArrayDeque<>();
  private OptionalInt open = OptionalInt.empty();
  private long cpuBefore;

  /** Has read nothing yet; asks for the processor time used so far where a measured time begins and ends. */
  Transcript(LongSupplier cpuNanos) {
    this.cpuNanos = cpuNanos;
  }

  /** The end of a measured time. */
  record Measured(Figures figures, long cpuNanos) {
    /** Processor time for each call; empty if nothing is known of it. */
    OptionalDouble cpuMicrosEach() {
      return figures.calls() == 0 || cpuNanos == 0
          ? OptionalDouble.empty()
          : OptionalDouble.of(cpuNanos / 1e3 / figures.calls());
    }
  }

  synchronized void read(String line) {
    OptionalInt begun = Figures.begun(line);
    Optional<Figures> figures = Figures.parse(line);
    if (begun.isPresent()) {
      open = begun;
      cpuBefore = cpuNanos.getAsLong();
    } else if (open.isPresent()
        && figures.isPresent()
        && figures.get().window() == open.getAsInt()) {
      measured.add(new Measured(figures.get(), cpuNanos.getAsLong() - cpuBefore));
      open = OptionalInt.empty();
    } else if (!line.isBlank()) {
      lastWords.addLast(line.strip());
      if (lastWords.size() > WORDS_KEPT) {
        lastWords.removeFirst();
      }
    }
  }

  synchronized List<Measured> measured() {
    return List.copyOf(measured);
  }

  /** The last lines that were none of its measurements. */
  synchronized List<String> lastWords() {
    return List.copyOf(lastWords);
  }
}
