package dev.limpet.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.load.Tally;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DemoReportTest {
  private static DemoReport report(Tally.Verdict verdict, int unread, @Nullable Double home) {
    return new DemoReport(
        new Audit(verdict, unread, List.of()),
        30,
        4,
        120,
        0.843,
        41,
        "n2",
        true,
        10.2,
        "n1 85, n2 86",
        "n1 171, n2 0",
        15.2,
        home,
        40,
        40);
  }

  @Test
  void report_saysWhatTheReaderWantsToKnow() {
    assertThat(report(new Tally.Verdict(420, 45_600, 0, 0, 0, 7, 5), 0, 1.5).lines())
        .contains(
            "  acknowledged  45,600 durable calls in 30.00 s, 1,520 a second",
            "  lost          0",
            "  doubled       0",
            "  unknown       7 calls without an idempotency key got no answer: 5 had run, 2 had"
                + " not",
            "  killed        n2, which led the ledger, with kill -9, after 10.20 s",
            "  interrupted   0.84 s at the longest, of any of 120 keys that were called all the"
                + " time; 41 keys felt it")
        .anyMatch(line -> line.startsWith("  home again    yes, 1.50 s after n2"))
        .last()
        .asString()
        .startsWith("PASSED");
  }

  @Test
  void lossDoublingOrAnUnreadProcess_isFailure() {
    assertThat(report(new Tally.Verdict(420, 9, 0, 0, 0, 0, 0), 0, null).passed()).isTrue();
    assertThat(report(new Tally.Verdict(420, 9, 1, 0, 0, 0, 0), 0, 1.5).passed()).isFalse();
    assertThat(report(new Tally.Verdict(420, 9, 0, 1, 0, 0, 0), 0, 1.5).passed()).isFalse();
    assertThat(report(new Tally.Verdict(420, 9, 0, 0, 1, 0, 0), 0, 1.5).passed()).isFalse();
    assertThat(report(new Tally.Verdict(420, 9, 0, 0, 0, 0, 0), 1, 1.5).passed()).isFalse();
    assertThat(report(new Tally.Verdict(420, 9, 1, 0, 0, 0, 0), 0, 1.5).lines().getLast())
        .startsWith("FAILED");
  }
}
