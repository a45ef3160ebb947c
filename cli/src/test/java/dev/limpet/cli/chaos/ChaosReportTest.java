package dev.limpet.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.chaos.Operation.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChaosReportTest {
  private static final long SECOND = 1_000_000_000L;

  private static ChaosReport report(List<String> findings) {
    return new ChaosReport(
        42,
        5,
        true,
        List.of(
            Told.done(0, SECOND / 2, Action.ADD, 1, 1),
            Told.unknown(2 * SECOND, 3 * SECOND, Action.ADD, 1),
            Told.done(119 * SECOND, 120 * SECOND, Action.ADD, 1, 2)),
        List.of(
            new Incident(
                List.of(FaultKind.KILL, FaultKind.DELAY),
                List.of("kill -9 of n2", "20 to 40 ms more"),
                SECOND,
                5 * SECOND,
                6 * SECOND,
                9 * SECOND,
                2 * SECOND,
                3,
                1)),
        findings,
        17,
        0);
  }

  @Test
  void result_isOneLineOfFigures() {
    assertThat(report(List.of()).result())
        .isEqualTo(
            "RESULT case=chaos seed=42 minutes=2.0 nodes=5 operations=3 done=2 unknown=1 faults=2"
                + " longest-gap=2.00s violations=0");
  }

  @Test
  void lines_tellOfEachKindOfFault_andOfFindings() {
    ChaosReport report = report(List.of("counter/a: adds ran twice"));
    assertThat(report.passed()).isFalse();
    assertThat(report.lines())
        .anyMatch(line -> line.matches("kill\\+delay +1 +2.00 s +1.00 s +4.00 s +3 +1"))
        .contains("WRONG  counter/a: adds ran twice", "FAILED: 1 findings")
        .contains("17 bits were flipped on their way");
  }

  @Test
  void page_showsFaultsAsBands_escapesTexts_andNeedsNothingFromElsewhere(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("report.html");
    report(List.of("a <b> & c")).write(file);
    String page = Files.readString(file);
    assertThat(page)
        .contains("class=\"fault\"", "class=\"healing\"", "kill -9 of n2; 20 to 40 ms more")
        .contains("a &lt;b&gt; &amp; c", "FAILED: 1 findings")
        .doesNotContain("a <b>", "http:", "https:", "<script");
  }
}
