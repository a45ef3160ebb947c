package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.cluster.LeaderDuties.RenewalAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who is answered what, when entries take longer than the time between two renewals. */
class AwaitedRenewalsTest {
  private static final long NODE = 7;

  private final AwaitedRenewals renewals = new AwaitedRenewals();

  @Test
  void entriesSlowerThanRenewals_areAnsweredEach() {
    List<CompletableFuture<RenewalAnswer>> answers = new ArrayList<>();
    for (int sequence = 1; sequence <= 9; sequence++) {
      answers.add(renewals.await(NODE, sequence));
      int applied = sequence - 3;
      if (applied >= 1) {
        renewals.answered(NODE, applied, new RenewalAnswer.Accepted(100 + applied));
        assertThat(answers.get(applied - 1))
            .isCompletedWithValue(new RenewalAnswer.Accepted(100 + applied));
        assertThat(answers.get(applied)).isNotDone();
      }
    }
  }

  @Test
  void renewalThatALaterOneOfItsSenderReplaced_isToldThatItIsNotApplied() {
    CompletableFuture<RenewalAnswer> first = renewals.await(NODE, 1);
    CompletableFuture<RenewalAnswer> second = renewals.await(NODE, 2);
    CompletableFuture<RenewalAnswer> ofAnother = renewals.await(8, 1);
    renewals.answered(NODE, 2, new RenewalAnswer.Accepted(5));
    assertThat(first).isCompletedWithValue(new RenewalAnswer.NotHere());
    assertThat(second).isCompletedWithValue(new RenewalAnswer.Accepted(5));
    assertThat(ofAnother).isNotDone();
  }

  @Test
  void renewalsThatNobodyAnswers_areBounded_andDroppedWithTheLeadership() {
    List<CompletableFuture<RenewalAnswer>> answers = new ArrayList<>();
    for (int sequence = 1; sequence <= 40; sequence++) {
      answers.add(renewals.await(NODE, sequence));
    }
    assertThat(answers.subList(0, 8))
        .allSatisfy(each -> assertThat(each).isCompletedWithValue(new RenewalAnswer.NotHere()));
    assertThat(answers.subList(8, 40)).noneMatch(CompletableFuture::isDone);
    renewals.dropAll();
    assertThat(answers)
        .allSatisfy(each -> assertThat(each).isCompletedWithValue(new RenewalAnswer.NotHere()));
  }
}
