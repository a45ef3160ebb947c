package dev.limpet.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.cli.chaos.FaultPlan.Planned;
import dev.limpet.cli.chaos.FaultPlan.Step;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);

  private static List<Step> steps(long seed, Set<FaultKind> kinds, int count) {
    FaultPlan plan = new FaultPlan(seed, kinds, 5);
    return Stream.generate(plan::next).limit(count).toList();
  }

  @Test
  void sameSeed_givesTheSameFaults_andAnotherOneOthers() {
    assertThat(steps(4, ALL, 60)).isEqualTo(steps(4, ALL, 60)).isNotEqualTo(steps(5, ALL, 60));
  }

  @Test
  void everyKind_comesOnce_beforeAnyComesAgain() {
    List<FaultKind> kinds =
        steps(9, ALL, ALL.size()).stream()
            .flatMap(step -> step.faults().stream())
            .map(Planned::kind)
            .limit(ALL.size())
            .toList();
    assertThat(kinds).containsExactlyInAnyOrderElementsOf(ALL);
  }

  @Test
  void faults_areBounded_andSomeComeInPairs_butNeverALostDisk() {
    List<Step> steps = steps(11, ALL, 400);
    assertThat(steps)
        .allSatisfy(step -> {
          assertThat(step.calmMillis()).isBetween(1_000L, 5_000L);
          assertThat(step.faults()).hasSizeBetween(1, 2);
          assertThat(step.faults())
              .allSatisfy(fault -> {
                assertThat(fault.node()).isBetween(0, 5);
                assertThat(fault.holdMillis()).isBetween(1_000L, 15_000L);
              });
        });
    Set<FaultKind> paired =
        steps.stream()
            .filter(step -> step.faults().size() == 2)
            .flatMap(step -> step.faults().stream())
            .map(Planned::kind)
            .collect(Collectors.toSet());
    assertThat(paired).isNotEmpty().doesNotContain(FaultKind.WIPE, FaultKind.ROLL);
  }

  @Test
  void standstills_areShorterThanALease_aboutAsLong_andLonger() {
    Set<Long> holds =
        steps(3, EnumSet.of(FaultKind.STOP), 100).stream()
            .flatMap(step -> step.faults().stream())
            .map(Planned::holdMillis)
            .collect(Collectors.toSet());
    assertThat(holds).contains(1_000L, 3_000L).anyMatch(hold -> hold > 6_000);
  }

  @Test
  void names_areParsed_andUnknownOnesRefusedWithTheList() {
    assertThat(FaultKind.parse("kill, oneway"))
        .containsExactlyInAnyOrder(FaultKind.KILL, FaultKind.ONEWAY);
    assertThatThrownBy(() -> FaultKind.parse("kill,flood"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no fault called \"flood\"")
        .hasMessageContaining("kill,stop,wipe,roll,clock,disk,hang,fail,partition");
  }
}
