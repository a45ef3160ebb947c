package dev.limpet.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.Shell;
import dev.limpet.cli.chaos.Operation.Action;
import dev.limpet.cli.chaos.Operation.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static Operation add(String key, long from, long to, Outcome outcome, long value) {
    return new Operation(key, Action.ADD, 1, 0, "", from, to, outcome, value, "a:1", "n1", 1, "");
  }

  @Test
  void whatIsAdded_isReadAgain(@TempDir Path folder) {
    Path file = folder.resolve("history.jsonl");
    List<Operation> operations =
        List.of(
            add("counter/a", 1, 2, Outcome.DONE, 1),
            Told.exchange(3, 4, 1, 2, 1),
            Told.notRun(5, 6, Action.TRY_ACQUIRE, 1));
    try (History history = new History(file)) {
      operations.forEach(history::add);
      assertThat(history.operations()).isEqualTo(operations);
      assertThat(history.done()).isEqualTo(2);
      assertThat(history.latestTrouble()).startsWith("LMP-2003");
    }
    assertThat(History.read(file)).isEqualTo(operations);
  }

  @Test
  void watchedKeys_countAsReached_byCallsThatBeganLater(@TempDir Path folder) {
    try (History history = new History(folder.resolve("history.jsonl"))) {
      String first = Callers.watched().iterator().next();
      history.add(add(first, 10, 20, Outcome.DONE, 1));
      history.add(add("counter/once-1", 30, 40, Outcome.DONE, 1));
      assertThat(history.reachedSince(9)).containsExactly(first);
      assertThat(history.reachedSince(10)).isEmpty();
      history.add(add(first, 50, 60, Outcome.UNKNOWN, 0));
      assertThat(history.reachedSince(10)).isEmpty();
      assertThat(history.since(35)).hasSize(2);
      assertThat(history.unknown()).isEqualTo(1);
    }
  }

  @Test
  void check_ofAHistoryWithALostAdd_tellsItAndFails(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("history.jsonl");
    try (History history = new History(file)) {
      history.add(add("counter/a", 1, 2, Outcome.DONE, 1));
    }
    assertThat(Shell.run("chaos", "--check", file.toString()).exitCode()).isZero();
    try (History history = new History(file)) {
      history.add(add("counter/a", 1, 2, Outcome.DONE, 1));
      history.add(add("counter/a", 3, 4, Outcome.DONE, 1));
    }
    Shell bad = Shell.run("chaos", "--check", file.toString());
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(bad.out()).contains("WRONG  counter/a: two adds were told 1");
    Files.writeString(file, "nothing of the kind");
    assertThat(Shell.run("chaos", "--check", file.toString()).err()).contains("no history");
  }
}
