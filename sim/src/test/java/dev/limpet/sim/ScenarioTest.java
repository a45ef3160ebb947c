package dev.limpet.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Single faults, each in a sentence: see {@link Scenario}. */
@Timeout(60)
class ScenarioTest {
  private static final int SEEDS = 20;

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void keepsThePromises(Scenario scenario) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        scenario.run(seed);
      } catch (Checks.Violation | RuntimeException e) {
        throw new AssertionError(scenario + " with seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** Each is a mutant too, with what mended it taken out: see {@link Mutants}. */
  @ParameterizedTest
  @EnumSource(NamedSeed.class)
  void seedThatFoundSomething_breaksNothingAnyMore(NamedSeed seed) {
    assertThat(seed.run().ok()).isPositive();
  }
}
