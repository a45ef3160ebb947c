package dev.limpet.core.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.supervise.LogLimit.Verdict;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A fault that comes again and again is logged now and then. */
class LogLimitTest {
  private final LogLimit limit = new LogLimit(10, 2);
  private int numbers;

  private final Supplier<String> next = () -> "i" + ++numbers;

  @Test
  void fault_thatComesAgainSoon_goesByTheSameNumberUnlogged() {
    assertThat(limit.occurred("a", 100, next)).isEqualTo(new Verdict("i1", true, 0));
    assertThat(limit.occurred("a", 101, next)).isEqualTo(new Verdict("i1", false, 0));
    assertThat(limit.occurred("a", 109, next)).isEqualTo(new Verdict("i1", false, 0));
  }

  @Test
  void fault_thatComesAgainLater_isLoggedWithHowManyWereNot() {
    limit.occurred("a", 100, next);
    limit.occurred("a", 101, next);
    limit.occurred("a", 102, next);
    assertThat(limit.occurred("a", 110, next)).isEqualTo(new Verdict("i2", true, 2));
    assertThat(limit.occurred("a", 120, next)).isEqualTo(new Verdict("i3", true, 0));
  }

  @Test
  void faults_thatDiffer_areLoggedEach() {
    assertThat(limit.occurred("a", 100, next).log()).isTrue();
    assertThat(limit.occurred("b", 100, next).log()).isTrue();
    assertThat(limit.occurred("a", 101, next).log()).isFalse();
  }

  @Test
  void faults_beyondTheBound_pushOutTheOneLoggedLongestAgo() {
    limit.occurred("a", 100, next);
    limit.occurred("b", 101, next);
    limit.occurred("c", 102, next);
    assertThat(limit.occurred("b", 103, next).log()).isFalse();
    assertThat(limit.occurred("a", 103, next).log()).as("forgotten").isTrue();
    assertThat(limit.occurred("b", 103, next).log()).as("pushed out in turn").isTrue();
  }
}
