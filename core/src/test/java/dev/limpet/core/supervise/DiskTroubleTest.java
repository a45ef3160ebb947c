package dev.limpet.core.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.supervise.DiskTrouble.Verdict;
import org.junit.jupiter.api.Test;

/** How long a disk may refuse writes. */
class DiskTroubleTest {
  private final DiskTrouble trouble = new DiskTrouble(100);

  @Test
  void refusal_forLessThanThePatience_isAWarningAndThenARelief() {
    assertThat(trouble.wrote()).isEqualTo(Verdict.GO_ON);
    assertThat(trouble.refused(1_000)).isEqualTo(Verdict.WARN);
    assertThat(trouble.refused(1_099)).isEqualTo(Verdict.GO_ON);
    assertThat(trouble.wrote()).isEqualTo(Verdict.RELIEF);
    assertThat(trouble.wrote()).isEqualTo(Verdict.GO_ON);
  }

  @Test
  void refusal_forLonger_givesTheDiskUp_once() {
    assertThat(trouble.refused(1_000)).isEqualTo(Verdict.WARN);
    assertThat(trouble.refused(1_100)).isEqualTo(Verdict.GIVE_UP);
    assertThat(trouble.refused(1_200)).isEqualTo(Verdict.GO_ON);
    assertThat(trouble.wrote()).isEqualTo(Verdict.GO_ON);
    assertThat(trouble.refused(1_300)).isEqualTo(Verdict.GO_ON);
    assertThat(trouble.refused(1_500)).isEqualTo(Verdict.GO_ON);
  }

  @Test
  void successInBetween_startsThePatienceAfresh() {
    assertThat(trouble.refused(1_000)).isEqualTo(Verdict.WARN);
    assertThat(trouble.wrote()).isEqualTo(Verdict.RELIEF);
    assertThat(trouble.refused(1_090)).isEqualTo(Verdict.WARN);
    assertThat(trouble.refused(1_150)).isEqualTo(Verdict.GO_ON);
    assertThat(trouble.refused(1_190)).isEqualTo(Verdict.GIVE_UP);
  }
}
