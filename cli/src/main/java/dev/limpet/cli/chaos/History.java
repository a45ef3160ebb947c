package dev.limpet.cli.chaos;

import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.load.Gaps;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** All operations of a run, in memory for the checks and as lines of JSON in a file. Thread-safe. */
final class History implements Closeable {
  private static final int OPERATIONS_MAX = 5_000_000;
  private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private static final long ORDER_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final long beganNanos = System.nanoTime();
  private final BufferedWriter file;
  private final List<Operation> operations = new ArrayList<>();
  private final Gaps gaps = new Gaps(GAP_NANOS);
  private final Map<String, Long> reached = new TreeMap<>();
  private long unknown;
  private long done;
  private String latestTrouble = "";

  /**
   * @param file is replaced
   */
  History(Path file) {
    try {
      this.file = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The operations of a run that is over, by its file. */
  static List<Operation> read(Path file) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      return lines.map(line -> JsonMapper.shared().readValue(line, Operation.class)).toList();
    } catch (IOException | UncheckedIOException | JacksonException e) {
      throw Refusal.failed(file + " is no history that can be read: " + e.getMessage());
    }
  }

  /** Nanoseconds since the run began. */
  long now() {
    return System.nanoTime() - beganNanos;
  }

  synchronized void add(Operation operation) {
    if (operations.size() >= OPERATIONS_MAX) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "more than %,d operations: run it shorter", OPERATIONS_MAX));
    }
    operations.add(operation);
    switch (operation.outcome()) {
      case DONE -> done++;
      case NOT_RUN -> latestTrouble = operation.why();
      case UNKNOWN -> {
        unknown++;
        latestTrouble = operation.why();
      }
    }
    if (operation.done() && Callers.isWatched(operation.key())) {
      gaps.success(operation.key(), operation.returnedNanos());
      reached.merge(operation.key(), operation.invokedNanos(), Math::max);
    }
    try {
      file.write(JsonMapper.shared().writeValueAsString(operation));
      file.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** When each watched process could not be reached, by the clock of the operations. */
  Gaps gaps() {
    return gaps;
  }

  /** The watched processes that were reached by a call that began after a time. */
  synchronized Set<String> reachedSince(long nanos) {
    Set<String> keys = new TreeSet<>();
    reached.forEach((key, invoked) -> {
      if (invoked > nanos) {
        keys.add(key);
      }
    });
    return keys;
  }

  synchronized List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** Those that were over after a time. */
  synchronized List<Operation> since(long nanos) {
    // Noted in the order of their returns, but for the way to here.
    int from = operations.size();
    while (from > 0 && operations.get(from - 1).returnedNanos() >= nanos - ORDER_NANOS) {
      from--;
    }
    return operations.subList(from, operations.size()).stream()
        .filter(each -> each.returnedNanos() >= nanos)
        .toList();
  }

  synchronized long size() {
    return operations.size();
  }

  synchronized long done() {
    return done;
  }

  synchronized long unknown() {
    return unknown;
  }

  /** Why the latest call failed that did. */
  synchronized String latestTrouble() {
    return latestTrouble;
  }

  @Override
  public synchronized void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
