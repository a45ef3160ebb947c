package dev.limpet.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultsTest {
  @Test
  void plan_ofOneSeed_isAlwaysTheSame() {
    assertThat(Faults.of(7).rounds(50).plan(3)).isEqualTo(Faults.of(7).rounds(50).plan(3));
    assertThat(Faults.of(7).plan(3)).isNotEqualTo(Faults.of(8).plan(3)).hasSize(6);
  }

  @Test
  void plan_drawsFromAllKinds_orFromThoseThatAreNamed() {
    assertThat(kinds(Faults.of(1).rounds(500), 3)).isEqualTo(EnumSet.allOf(Fault.class));
    assertThat(kinds(Faults.of(1).rounds(500).only(Fault.CUT, Fault.KILL), 3))
        .containsExactlyInAnyOrder(Fault.CUT, Fault.KILL);
    assertThat(kinds(Faults.of(1).rounds(500), 1)).contains(Fault.KILL).doesNotContain(Fault.CUT);
    assertThatThrownBy(() -> Faults.of(1).only(Fault.CUT).plan(1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Set<Fault> kinds(Faults faults, int nodes) {
    return faults.plan(nodes).stream().map(Faults.Round::fault).collect(Collectors.toSet());
  }

  @Test
  void during_endsWithTheBody_andMendsEverything_andTellsTheSeedOfWhatItThrew() throws Exception {
    try (TestCluster cluster = TestCluster.of(1).host(Tally.class, Tally.Saved::new).start()) {

      Faults kills = Faults.of(7).only(Fault.KILL).rounds(1_000);
      kills.during(
          cluster,
          () -> {
            while (cluster.runningNodes().size() == 1) {
              Thread.onSpinWait();
            }
          });
      assertThat(cluster.runningNodes()).hasSize(1);
      assertThatThrownBy(() ->
              kills.during(
                  cluster,
                  () -> {
                    throw new AssertionError("wrong");
                  }))
          .isInstanceOf(AssertionError.class)
          .hasMessage("wrong")
          .satisfies(
              e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("faults of seed 7"));
    }
  }
}
