package dev.limpet.core.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.supervise.TurnWatch.Finding;
import dev.limpet.core.supervise.TurnWatch.Running;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Finding turns that do not end, by looking now and then. */
class TurnWatchTest {
  private static final long BOUND = 30;

  private final TurnWatch<String> watch = new TurnWatch<>();

  private static Running<String> runs(String copy, long turn) {
    return new Running<>(copy, turn, BOUND);
  }

  @Test
  void turn_thatRunsForLongerThanItsBound_isReportedOnce() {
    assertThat(watch.look(100, List.of(runs("a", 7)))).isEmpty();
    assertThat(watch.look(129, List.of(runs("a", 7)))).isEmpty();
    assertThat(watch.stuckCount()).isZero();
    assertThat(watch.look(130, List.of(runs("a", 7))))
        .containsExactly(new Finding<>("a", 7, 30, false));
    assertThat(watch.look(131, List.of(runs("a", 7)))).isEmpty();
    assertThat(watch.stuckCount()).isEqualTo(1);
    assertThat(watch.stuck()).containsExactly("a");
    assertThat(watch.stuck("a", 140)).isEqualTo(new Finding<>("a", 7, 40, false));
  }

  @Test
  void turn_thatGoesOn_isReportedWheneverItsAgeHasDoubled() {
    List<Long> reported = new ArrayList<>();
    for (long now = 0; now <= 1_000; now++) {
      watch.look(now, List.of(runs("a", 7))).forEach(f -> reported.add(f.nanos()));
    }
    assertThat(reported).containsExactly(30L, 60L, 120L, 240L, 480L, 960L);
  }

  @Test
  void turn_thatWasReported_isToldToBeOverOnce() {
    watch.look(0, List.of(runs("a", 7)));
    watch.look(50, List.of(runs("a", 7)));
    assertThat(watch.look(70, List.of())).containsExactly(new Finding<>("a", 7, 70, true));
    assertThat(watch.look(80, List.of())).isEmpty();
    assertThat(watch.stuckCount()).isZero();
    assertThat(watch.stuck("a", 80)).isNull();
  }

  @Test
  void turn_thatWasReported_isOverToo_whenTheNextOneRuns() {
    watch.look(0, List.of(runs("a", 7)));
    watch.look(50, List.of(runs("a", 7)));
    assertThat(watch.look(70, List.of(runs("a", 8))))
        .containsExactly(new Finding<>("a", 7, 70, true));
    assertThat(watch.look(99, List.of(runs("a", 8)))).isEmpty();
    assertThat(watch.look(100, List.of(runs("a", 8))))
        .containsExactly(new Finding<>("a", 8, 30, false));
  }

  @Test
  void turns_thatAreShort_areNeverReported_howeverBusyTheProcess() {
    for (int now = 0; now < 10_000; now += 10) {
      assertThat(watch.look(now, List.of(runs("a", now + 1), runs("b", now + 2)))).isEmpty();
    }
  }

  @Test
  void turns_ofManyProcesses_areWatchedEachByItsOwnBound() {
    List<Running<String>> both = List.of(new Running<>("a", 1, 10), new Running<>("b", 1, 20));
    watch.look(0, both);
    assertThat(watch.look(10, both)).containsExactly(new Finding<>("a", 1, 10, false));
    assertThat(watch.look(20, both))
        .containsExactly(new Finding<>("a", 1, 20, false), new Finding<>("b", 1, 20, false));
  }
}
