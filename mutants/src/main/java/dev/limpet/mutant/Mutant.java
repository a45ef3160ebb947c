package dev.limpet.mutant;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A rule that is broken on purpose.
 *
 * @param rule of the protocol, or the promise, that the change breaks
 * @param edits what is changed in the sources
 * @param trial in which it must be found
 * @param found what is said of it by the check, or the test, that finds it
 */
public record Mutant(String name, String rule, List<Edit> edits, Trial trial, Pattern found) {
  /** One change of one source file; the text to search for stands there exactly once. */
  public record Edit(String file, String search, String replacement) {}

  public static Edit core(String file, String search, String replacement) {
    return new Edit("core/src/main/java/dev/limpet/core/" + file, search, replacement);
  }

  public static Edit engine(String file, String search, String replacement) {
    return new Edit("engine/src/main/java/dev/limpet/engine/" + file, search, replacement);
  }

  public static Edit node(String file, String search, String replacement) {
    return new Edit("node/src/main/java/dev/limpet/node/" + file, search, replacement);
  }

  /** In the replicated logs. */
  public static Edit ratis(String file, String search, String replacement) {
    return new Edit(
        "ledger-ratis/src/main/java/dev/limpet/ledger/ratis/" + file, search, replacement);
  }

  public static Edit transport(String file, String search, String replacement) {
    return new Edit("transport/src/main/java/dev/limpet/transport/" + file, search, replacement);
  }

  /** In the simulated home, which stands for the one in {@code node}. */
  public static Edit sim(String file, String search, String replacement) {
    return new Edit("sim/src/main/java/dev/limpet/sim/" + file, search, replacement);
  }

  @Override
  public String toString() {
    return rule + ": " + name;
  }
}
