package dev.limpet.core.forming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.forming.Proposal.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormingTest {
  private static final Ballot FIRST = new Ballot(1, "a1");

  private static Acceptor seed(String node) {
    return Acceptor.empty(new Founder(node, node + "1", node + ":1"));
  }

  private static Step step(int seeds, boolean byOperator, Ballot ballot, Acceptor... answers) {
    Proposal p = new Proposal(ballot, seeds, byOperator);
    for (int i = 0; i < answers.length; i++) {
      p.answered(i, answers[i].prepare(ballot));
    }
    return p.step("fresh");
  }

  @Test
  void allSeeds_empty_formANewClusterOfAll() {
    assertThat(step(3, false, FIRST, seed("a"), seed("b"), seed("c")))
        .isInstanceOfSatisfying(
            Step.Propose.class, s -> assertThat(s.pact().founders()).hasSize(3));
  }

  @Test
  void majority_withoutAnOperator_waits() {
    assertThat(step(3, false, FIRST, seed("a"), seed("b"))).isEqualTo(new Step.Wait(2));
  }

  @Test
  void majority_withAnOperator_formsOfThoseThatAnswered() {
    assertThat(step(3, true, FIRST, seed("a"), seed("b")))
        .isInstanceOfSatisfying(
            Step.Propose.class, s -> assertThat(s.pact().founders()).hasSize(2));
  }

  @Test
  void half_withAnOperator_waits() {
    assertThat(step(4, true, FIRST, seed("a"), seed("b"))).isEqualTo(new Step.Wait(2));
  }

  @Test
  void laterAttempt_goesOnWithWhatWasAccepted() {
    Pact pact = new Pact("old", List.of(seed("a").self(), seed("b").self(), seed("c").self()));
    Acceptor a = seed("a").accept(FIRST, pact);
    assertThat(step(3, true, new Ballot(2, "b1"), a, seed("b"))).isEqualTo(new Step.Propose(pact));
  }

  @Test
  void pactThatNamesALostDisk_isGivenUpOnlyWhenAllHaveAnswered() {
    Founder lost = new Founder("c", "c0", "c:1");
    Pact pact = new Pact("old", List.of(seed("a").self(), seed("b").self(), lost));
    Acceptor a = seed("a").accept(FIRST, pact);
    Ballot next = new Ballot(2, "b1");
    assertThat(step(3, false, next, a, seed("c"))).isEqualTo(new Step.Propose(pact));
    assertThat(step(3, false, next, a, seed("b"), seed("c")))
        .isInstanceOfSatisfying(
            Step.Propose.class, s -> assertThat(s.pact().clusterId()).isEqualTo("fresh"));
  }

  @Test
  void accept_byADiskThatIsNotNamed_isRefused() {
    Pact pact = new Pact("x", List.of(new Founder("a", "a0", "a:1")));
    assertThat(seed("a").accept(FIRST, pact).accepted()).isNull();
  }

  @Test
  void conclude_afterAHigherPromise_isVoid() {
    Pact pact = new Pact("x", List.of(seed("a").self()));
    Acceptor a = seed("a").prepare(FIRST).accept(FIRST, pact).prepare(new Ballot(2, "c1"));
    assertThat(a.conclude(FIRST, pact).formed()).isNull();
  }
}
