package dev.limpet.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.sim.SimConfig.Fault;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Simulated clusters keep the promises, whatever happens to them. */
@Timeout(300)
class SimulationTest {
  private static final int MIXED = 100;

  @Test
  void sameSeed_isTheSameRun() {
    for (long seed = 40; seed < 52; seed++) {
      List<String> first = new ArrayList<>();
      List<String> second = new ArrayList<>();
      Cluster.Outcome one = Cluster.run(seed, SimConfig.chaos(3), new Seams(), first::add);
      Cluster.Outcome two = Cluster.run(seed, SimConfig.chaos(3), new Seams(), second::add);
      assertThat(second).isEqualTo(first);
      assertThat(two).isEqualTo(one);
      assertThat(Cluster.run(seed + 1, SimConfig.chaos(3)).hash()).isNotEqualTo(one.hash());
    }
  }

  @Test
  void mixedFaults_onOneToFiveNodes_breakNoPromise() {
    long ok = 0;
    long faults = 0;
    for (long seed = 1; seed <= MIXED; seed++) {
      Cluster.Outcome o = Cluster.run(seed, SimConfig.of(seed));
      ok += o.ok();
      faults += o.faults();
    }
    assertThat(faults).as("the runs were not idle").isGreaterThan(10L * MIXED);
    assertThat(ok).as("calls were answered").isGreaterThan(500L * MIXED);
  }

  @Test
  void everything_onFiveNodes_breaksNoPromise() {
    for (long seed = 1; seed <= 10; seed++) {
      assertThat(Cluster.run(seed, SimConfig.chaos(5).every(300 * Simulation.MS)).ok())
          .isPositive();
    }
  }

  @Test
  void roles_thatNodesHaveOrNotAtEachStart_breakNoPromise() {
    long ok = 0;
    for (long seed = 1; seed <= 20; seed++) {
      SimConfig config = SimConfig.chaos(3).withRoles().every(400 * Simulation.MS);
      ok += Cluster.run(seed, config).ok();
    }
    assertThat(ok).as("calls were answered").isGreaterThan(20 * 300L);
  }

  @Test
  void calm_everyCallSucceeds() {
    for (int nodes = 1; nodes <= 5; nodes++) {
      Cluster.Outcome o = Cluster.run(nodes, SimConfig.calm(nodes));
      assertThat(o.ok()).isGreaterThan(500);
    }
  }

  /** P5: what is planned loses nothing. Calls have at least 200 ms; a turn may take seconds, and then a call may not wait. */
  @Test
  void plannedMoves_loseNoCall() {
    int[] moved = {0};
    for (long seed = 1; seed <= 20; seed++) {
      SimConfig moves =
          SimConfig.calm(3)
              .with(EnumSet.of(Fault.MOVES, Fault.DRAIN))
              .every(300 * Simulation.MS)
              .lasting(15_000 * Simulation.MS);
      List<String> failed = new ArrayList<>();
      Cluster.run(
          seed,
          moves,
          new Seams(),
          line -> {
            moved[0] += line.contains("(released)") ? 1 : 0;
            boolean late = line.contains("deadline passed");
            if (!late && (line.contains("NotRun") || line.contains("Unknown"))) {
              failed.add(line);
            }
          });
      assertThat(failed).as("seed " + seed).isEmpty();
    }
    assertThat(moved[0]).as("shards that moved").isGreaterThan(500);
  }
}
