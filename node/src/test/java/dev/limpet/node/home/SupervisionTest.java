package dev.limpet.node.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import org.junit.jupiter.api.Test;

/** What a node remembers of failing processes is bounded. */
class SupervisionTest {
  private final Supervision supervision = new Supervision();

  private static ProcessId id(int number) {
    return new ProcessId("probe", "k" + number);
  }

  private void fails(int number, long now) {
    supervision.activationFailed(0, id(number), number, now, new IllegalStateException("broken"));
  }

  @Test
  void processes_beyondTheBound_pushOutTheOneThatFailedLongestAgo() {
    for (int i = 0; i < 10_000; i++) {
      fails(i, 1);
    }
    fails(0, 2);
    fails(10_000, 3);
    assertThat(supervision.failingCount()).isEqualTo(10_000);
    assertThat(supervision.failures(id(1), 3)).as("failed longest ago").isNull();
    assertThat(supervision.failures(id(0), 3)).as("failed again since").isNotNull();
    assertThatCode(() -> supervision.checkMayActivate(id(1), 3)).doesNotThrowAnyException();
    assertThatThrownBy(() -> supervision.checkMayActivate(id(10_000), 3))
        .isInstanceOf(Unavailable.class);
  }

  @Test
  void failures_underAnotherShard_beginAnew() {
    fails(1, 1);
    fails(1, 2);
    supervision.activationFailed(1, id(1), 9, 3, new IllegalStateException("broken"));
    assertThat(supervision.failures(id(1), 3))
        .satisfies(f -> assertThat(f == null ? 0 : f.inARow()).isEqualTo(1));
  }

  @Test
  void turns_thatFailedBeforeTheirProcessWasForgotten_countAsWell() {
    supervision.turnFailed(0, id(1), 5, 1, new IllegalStateException("broken"));
    assertThat(supervision.endedWell(id(1), 5)).isFalse();
    supervision.forgetOld(1, shard -> false);
    assertThat(supervision.endedWell(id(1), 5)).isTrue();
  }
}
