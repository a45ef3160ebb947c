package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Decision.Cause;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One readable line for each entry, however many shards it concerns. */
class SummaryTest {
  private static Decision homed(int shard, String node, Cause cause) {
    return new Decision.Homed(shard, node, 3, 100 + shard, cause);
  }

  @Test
  void entry_withOneDecision_isThatDecision() {
    Decision moved = homed(7, "n2", Cause.MOVED);
    assertThat(Summary.of(List.of(moved))).isEqualTo(moved.describe());
  }

  @Test
  void expiry_ofANodeWith85Shards_isOneLineThatSaysWhereTheyWent() {
    List<Decision> decisions = new ArrayList<>();
    decisions.add(new Decision.Expired("n1", 5));
    decisions.add(new Decision.MoveAborted(3, 40));
    for (int s = 0; s < 85; s++) {
      decisions.add(homed(s, s % 2 == 0 ? "n2" : "n3", Cause.SPREAD));
    }
    assertThat(Summary.of(decisions))
        .isEqualTo(
            "node n1 expired (registration 5); shard 3 stays: move 40 was aborted;"
                + " shards whose home is gone were spread: 43 to n2, 42 to n3");
  }

  @Test
  void shards_thatAreFew_areNamed() {
    List<Decision> decisions = new ArrayList<>();
    for (int s = 3; s > 0; s--) {
      decisions.add(new Decision.MoveStarted(s, "n1", "n2", 40, 50 + s));
    }
    decisions.add(new Decision.MoveStarted(9, "n1", "n3", 40, 60));
    assertThat(Summary.of(decisions))
        .isEqualTo("moves started: 3 (1 2 3) from n1 to n2, 1 (9) from n1 to n3");
  }

  @Test
  void decisions_thatConcernNoShards_areToldOneByOne() {
    assertThat(
            Summary.of(
                List.of(
                    new Decision.Joined("n1", 8),
                    new Decision.Undrained("n1"),
                    homed(0, "n1", Cause.FIRST))))
        .isEqualTo(
            "node n1 joined as registration 8; node n1 takes part again;"
                + " shard 0 is at home on n1 since epoch 100 (it had none)");
  }
}
