package dev.limpet.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChildReportTest {
  private static final ChildReport TRUE = new ChildReport("n1", 2, "b1", 77, 1_000);

  private final LedgerState ledger = new LedgerState();

  ChildReportTest() {
    ledger.apply(1, new Command.Form("c", new byte[16], 4));
    ledger.apply(2, join("n1", "b1", new Incarnation("", 77, 1_000)));
    ledger.apply(3, join("n2", "b2", new Incarnation("", 78, 1_000)));
  }

  private static Command.Join join(String node, String boot, Incarnation incarnation) {
    return new Command.Join(node, boot, "s-" + node, "a", "h", "t", incarnation, 0);
  }

  private void doubted(ChildReport report) {
    assertThat(report.objection(ledger.placement(), 3)).as(report.toString()).isNotBlank();
  }

  @Test
  void report_thatSaysWhatTheJoinSaid_isBelieved_andEndsTheLeaseWhateverWasRenewedMeanwhile() {
    assertThat(TRUE.objection(ledger.placement(), 3)).isNull();
    ledger.apply(4, new Command.Renew(List.of(new Command.Renewal("n1", 2, 900, 899))));
    assertThat(ledger.apply(5, TRUE.expiry()).outcome()).isEqualTo(new Outcome.Done());
    assertThat(ledger.placement().members()).containsOnlyKeys(3L);
  }

  @Test
  void report_ofAnotherProcess_isNotBelieved() {
    doubted(new ChildReport("n1", 2, "b9", 77, 1_000));
    doubted(new ChildReport("n1", 2, "b1", 78, 1_000));
    doubted(new ChildReport("n1", 2, "b1", 77, 1_010));
    doubted(new ChildReport("n2", 2, "b1", 77, 1_000));
  }

  @Test
  void report_ofAnEarlierOrLaterRegistration_isNotBelieved() {
    doubted(new ChildReport("n1", 1, "b1", 77, 1_000));
    doubted(new ChildReport("n1", 9, "b1", 77, 1_000));
    ledger.apply(4, TRUE.expiry());
    doubted(TRUE);
    ledger.apply(5, join("n1", "b3", new Incarnation("", 90, 2_000)));
    doubted(TRUE);
    assertThat(ledger.apply(6, TRUE.expiry()).outcome()).isInstanceOf(Outcome.Refused.class);
    assertThat(ledger.placement().member("n1")).isNotNull();
  }

  @Test
  void report_ofTheNodeThatIsTold_isNotBelieved() {
    assertThat(TRUE.objection(ledger.placement(), 2)).contains("this node");
  }

  @Test
  void report_ofANodeThatDoesNotKnowItsProcess_isNotBelieved() {
    ledger.apply(4, join("n3", "b3", Incarnation.UNKNOWN));
    doubted(new ChildReport("n3", 4, "b3", 0, 0));
  }
}
