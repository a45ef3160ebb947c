package dev.limpet.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules broken on purpose, one at a time, in compiled copies of the sources: the simulator's checks count only if they
 * find each of them. What found each, and after how many seeds, is written to {@code target/mutants.md}.
 */
@Timeout(300)
class MutantTest {
  private static final List<String> TABLE = new ArrayList<>();

  static Stream<Mutant> mutants() {
    return Mutants.all().stream();
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void isFound(Mutant mutant) {
    LongFunction<String> trial = MutantCode.of(mutant.edits()).trial(mutant.trial());
    for (int seed = 1; seed <= mutant.trial().seeds(); seed++) {
      String found = trial.apply(seed);
      if (!found.isEmpty()) {
        String what = found.replaceFirst("^seed \\d+ broke a promise: ", "");
        TABLE.add(
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
    throw new AssertionError("no seed up to " + mutant.trial().seeds() + " found it");
  }

  /** The same code loaded in the same way, unchanged, is found to break nothing. */
  @Test
  void unchanged_nothingIsFound() {
    MutantCode code = MutantCode.of(List.of());
    for (Mutant.Trial t : mutants().map(Mutant::trial).distinct().toList()) {
      for (long seed = 1; seed <= 3; seed++) {
        assertThat(code.trial(t).apply(seed)).as(t + " with seed " + seed).isEmpty();
      }
    }
  }

  @AfterAll
  static void tell() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("| rule | mutant | seeds | what found it |");
    lines.add("|---|---|---|---|");
    lines.addAll(TABLE);
    Files.write(Path.of("target", "mutants.md"), lines);
    lines.forEach(l -> System.getLogger("sim").log(System.Logger.Level.INFO, l));
  }
}
