package dev.limpet.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.chaos.Operation.Action;
import dev.limpet.cli.chaos.Operation.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerCheckTest {
  private static List<String> check(String why) {
    Operation begun = Operation.begun("counter/a", Action.ADD, 1, 0, "", 1, "a:1");
    return AnswerCheck.check(List.of(begun.failed(2, Outcome.NOT_RUN, why)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LMP-2003 this node is no member of the cluster now",
        "LMP-2001 no answer came from node n4 by the deadline",
        "10.0.0.1:7100: Read timed out",
        "HTTP status 503"
      })
  void failures_thatFaultsExplain_areFine(String why) {
    assertThat(check(why)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LMP-1001 a wrong argument\nof two lines",
        "LMP-3001 the process threw",
        "LMP-2007 the key was used for another call",
        "HTTP status 500"
      })
  void failures_ofTheRequestOrTheProcess_areFound(String why) {
    assertThat(check(why)).containsExactly("an answer that no fault explains: " + why);
  }

  @Test
  void sameFailureOfManyCalls_isToldOnce() {
    Operation begun = Operation.begun("counter/a", Action.ADD, 1, 0, "", 1, "a:1");
    Operation failed = begun.failed(2, Outcome.NOT_RUN, "HTTP status 404");
    assertThat(AnswerCheck.check(List.of(failed, failed))).hasSize(1);
  }
}
