package dev.limpet.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules broken on purpose, one at a time, in compiled copies of the sources: what checks them counts only if it finds each.
 * What found each, and after how many seeds, is written to {@code target/mutants.md} of the module.
 */
@Timeout(300)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class MutantsTest {
  private final List<String> table = new ArrayList<>();

  protected abstract List<Mutant> mutants();

  @ParameterizedTest
  @MethodSource("mutants")
  void isFound(Mutant mutant) {
    LongFunction<String> trial = mutant.trial().in(MutantCode.of(mutant.edits()));
    for (int seed = 1; seed <= mutant.trial().seeds(); seed++) {
      String found = trial.apply(seed);
      if (!found.isEmpty()) {
        String what = found.replaceFirst("^seed \\d+ broke a promise: ", "");
        table.add(
            String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s |",
                mutant.rule(),
                mutant.name(),
                seed,
                what.replace("|", "/")));
        assertThat(what).as("what found it, with seed " + seed).containsPattern(mutant.found());
        return;
      }
    }
    throw new AssertionError("not found, in " + mutant.trial());
  }

  /** The same code loaded in the same way, unchanged, is found to break nothing. */
  @Test
  void unchanged_nothingIsFound() {
    MutantCode code = MutantCode.of(List.of());
    for (Trial t : mutants().stream().map(Mutant::trial).distinct().toList()) {
      assertThat(t.in(code).apply(1)).as(t + " with seed 1").isEmpty();
    }
  }

  @AfterAll
  void tell() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("| rule | mutant | seeds | what found it |");
    lines.add("|---|---|---|---|");
    lines.addAll(table);
    Files.write(Path.of("target", "mutants.md"), lines);
    lines.forEach(l -> System.getLogger("mutants").log(System.Logger.Level.INFO, l));
  }
}
