package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.door.Door;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A report on a process, as it travels between nodes. */
class InspectionsTest {
  private static Door.ProcessReport report(
      Door.@Nullable Failures failures,
      Door.@Nullable StuckTurn stuck,
      @Nullable Map<String, String> cells) {
    return new Door.ProcessReport(
        "wallet", "alice", 7, "n2", 17, "live", 3, 1_500, 9, null, failures, stuck, cells);
  }

  @Test
  void report_ofAProcessThatIsWell_arrivesAsItWas() {
    Door.ProcessReport well = report(null, null, null);
    assertThat(Inspections.decode(Inspections.encode(well))).isEqualTo(well);
  }

  @Test
  void report_ofAFailingAndStuckProcess_arrivesAsItWas() {
    Door.ProcessReport sick =
        report(
            new Door.Failures(true, 12, 1, 61_000, 29_500L, "no mailer"),
            new Door.StuckTurn(
                "deposit", 31_000, List.of("java.lang.Thread.park", "a.Mailer.send")),
            Map.of("cents", "5"));
    assertThat(Inspections.decode(Inspections.encode(sick))).isEqualTo(sick);
  }
}
