package dev.limpet.sim;

import dev.limpet.sim.SimConfig.Fault;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongFunction;

/** Runs a {@link SeedTrial} for one seed; says what was found to be broken, or nothing. */
public final class TrialRun implements LongFunction<String> {
  private final String trial;

  public TrialRun(String trial) {
    this.trial = trial;
  }

  @Override
  public String apply(long seed) {
    try {
      int space = trial.indexOf(' ');
      if (trial.equals(SeedTrial.FOUNDING.text())) {
        Founding.run(seed);
      } else if (trial.equals(SeedTrial.ROLES.text())) {
        Cluster.run(seed, SimConfig.chaos(3).withRoles().every(400 * Simulation.MS));
      } else if (trial.startsWith(SeedTrial.NAMED)) {
        NamedSeed.valueOf(trial.substring(SeedTrial.NAMED.length())).run();
      } else if (space < 0) {
        Scenario.valueOf(trial).run(seed);
      } else {
        Cluster.run(
            seed, config(Integer.parseInt(trial.substring(0, space)), trial.substring(space + 1)));
      }
      return "";
    } catch (Cluster.Failure e) {
      return e.getMessage().lines().findFirst().orElse("");
    } catch (Checks.Violation | RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static SimConfig config(int nodes, String faults) {
    Set<Fault> chosen = EnumSet.noneOf(Fault.class);
    Arrays.stream(faults.split(",", -1))
        .filter(f -> !f.isEmpty())
        .map(Fault::valueOf)
        .forEach(chosen::add);
    if (chosen.isEmpty()) {
      chosen.addAll(EnumSet.allOf(Fault.class));
    }
    return SimConfig.chaos(nodes).with(chosen).every(400 * Simulation.MS);
  }
}
