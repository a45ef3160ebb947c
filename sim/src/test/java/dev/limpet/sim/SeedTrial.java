package dev.limpet.sim;

import dev.limpet.mutant.MutantCode;
import dev.limpet.mutant.Trial;
import dev.limpet.sim.SimConfig.Fault;
import java.util.Arrays;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * What is run for each seed: a mixture of faults on some nodes, one scenario of {@link Scenario}, or the founding of a
 * cluster; or one run of {@link NamedSeed}.
 */
record SeedTrial(String text) implements Trial {
  /** Brand-new seeds. */
  static final SeedTrial FOUNDING = new SeedTrial("FOUNDING");

  /** All faults on three nodes that hold a role, or not, at each start. */
  static final SeedTrial ROLES = new SeedTrial("ROLES");

  static SeedTrial chaos(int nodes, Fault... faults) {
    return new SeedTrial(
        nodes + " " + Arrays.stream(faults).map(Fault::name).collect(Collectors.joining(",")));
  }

  /** Begins the name of one run. */
  static final String NAMED = "seed:";

  static SeedTrial seed(NamedSeed seed) {
    return new SeedTrial(NAMED + seed.name());
  }

  static SeedTrial scenario(Scenario scenario) {
    return new SeedTrial(scenario.name());
  }

  @Override
  public int seeds() {
    return text.startsWith(NAMED) ? 1 : equals(FOUNDING) ? 5_000 : 200;
  }

  @Override
  public LongFunction<String> in(MutantCode code) {
    try {
      @SuppressWarnings("unchecked") // TrialRun is one, in whichever loader
      LongFunction<String> made =
          (LongFunction<String>)
              code.load(TrialRun.class.getName())
                  .getDeclaredConstructor(String.class)
                  .newInstance(text);
      return made;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the trial cannot be loaded", e);
    }
  }
}
