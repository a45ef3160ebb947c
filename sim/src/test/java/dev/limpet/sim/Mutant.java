package dev.limpet.sim;

import dev.limpet.sim.SimConfig.Fault;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A rule that is broken on purpose.
 *
 * @param rule of the protocol, or the promise, that the change breaks
 * @param edits what is changed in the sources
 * @param trial in which it must be found
 * @param found what the checker that finds it says
 */
record Mutant(String name, String rule, List<Edit> edits, Trial trial, Pattern found) {
  /** One change of one source file; the text to search for stands there exactly once. */
  record Edit(String file, String search, String replacement) {}

  /** What is run for each seed: a mixture of faults on some nodes, one
   * scenario of {@link Scenario}, or the founding of a cluster. */
  record Trial(String text) {
    /** Brand-new seeds. */
    static final Trial FOUNDING = new Trial("FOUNDING");

    /** All faults on three nodes that hold a role, or not, at each start. */
    static final Trial ROLES = new Trial("ROLES");

    /** How many are tried at most. */
    int seeds() {
      return equals(FOUNDING) ? 5_000 : 200;
    }

    static Trial chaos(int nodes, Fault... faults) {
      return new Trial(
          nodes + " " + Arrays.stream(faults).map(Fault::name).collect(Collectors.joining(",")));
    }

    static Trial scenario(Scenario scenario) {
      return new Trial(scenario.name());
    }
  }

  static Edit core(String file, String search, String replacement) {
    return new Edit("core/src/main/java/dev/limpet/core/" + file, search, replacement);
  }

  static Edit engine(String file, String search, String replacement) {
    return new Edit("engine/src/main/java/dev/limpet/engine/" + file, search, replacement);
  }

  /** In the simulated home, which stands for the one in {@code node}. */
  static Edit sim(String file, String search, String replacement) {
    return new Edit("sim/src/main/java/dev/limpet/sim/" + file, search, replacement);
  }

  @Override
  public String toString() {
    return rule + ": " + name;
  }
}
