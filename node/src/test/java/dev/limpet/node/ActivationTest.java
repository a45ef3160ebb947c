package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.ProcessFailed;
import dev.limpet.Reads;
import dev.limpet.Sticky;
import dev.limpet.VirtualClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bringing a process into memory, when its constructor does not want to. */
@Timeout(90)
class ActivationTest {
  private static final Duration IDLE = Hosting.Options.DEFAULT.idleAfter();
  private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

  @Test
  void constructor_thatThrows_failsTheCallLeavesTheStateAndIsTriedAgain() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.clock.advance(IDLE);
      int parts = shore.script.parts().size();
      shore.acts.construction =
          p -> {
            throw new IllegalStateException("no mailer");
          };
      for (int i = 0; i < 2; i++) {
        Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
        assertThat(e).isInstanceOf(ProcessFailed.class).hasMessageContaining("Incident");
        TurnsTest.is(e, ErrorCode.ACTIVATION_FAILED, Executed.NO);
        shore.clock.advance(PAUSE_MAX);
      }
      assertThat(shore.script.parts()).hasSize(parts);
      shore.acts.construction = p -> 0;
      assertThat(shore.probe("a").act("add")).isEqualTo(2);
    }
  }

  @Test
  void constructor_thatThrowsAnError_failsTheCallAndIsTriedAgain() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.construction =
          p -> {
            throw new NoClassDefFoundError("gone");
          };
      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
      TurnsTest.is(e, ErrorCode.ACTIVATION_FAILED, Executed.NO);
      shore.clock.advance(PAUSE_MAX);
      shore.acts.construction = p -> 0;
      assertThat(shore.probe("a").act("add")).isEqualTo(1);
    }
  }

  @Test
  void constructor_thatCallsItsOwnProcess_isRefusedAsACycle() {
    try (Shore shore = new Shore()) {
      shore.acts.construction = p -> p.other("a").act("add");
      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
      TurnsTest.is(e, ErrorCode.ACTIVATION_FAILED, Executed.NO);
      assertThat(e).hasMessageContaining("probe/a -> probe/a");
      assertThat(shore.acts.constructions).hasValue(1);
    }
  }

  @Test
  void constructor_thatIsPartOfACycleOfCalls_isRefusedAsOne() {
    try (Shore shore = new Shore()) {
      shore.acts.construction =
          p -> p.self.key().equals("a") ? p.other("b").act("nothing") : p.other("a").act("nothing");
      Throwable e = catchThrowable(() -> shore.probe("a").act("add"));
      TurnsTest.is(e, ErrorCode.ACTIVATION_FAILED, Executed.NO);
      assertThat(e).hasMessageContaining("probe/a -> probe/b -> probe/a");
    }
  }

  @Test
  void constructor_thatCallsAnotherProcess_isAnswered() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.construction = p -> p.self.key().equals("a") ? p.other("b").act("add") : 0;
      assertThat(shore.probe("a").act("add")).isEqualTo(1);
      assertThat(shore.probe("b").look("get")).isEqualTo(1);
    }
  }

  @Sticky("nobody")
  interface Nobody {
    @Reads
    int who();
  }

  @Test
  @SuppressWarnings("NullAway")
  void factory_thatReturnsNull_failsTheActivationAndIsTriedAgain() {
    AtomicInteger tries = new AtomicInteger();
    VirtualClock clock = new VirtualClock();
    try (Limpet limpet =
        Limpet.local()
            .clock(clock)
            .host(
                Nobody.class,
                self -> {
                  self.memory("cell", Long.class, 0L);
                  return tries.incrementAndGet() < 3 ? null : () -> 7;
                })
            .start()) {
      Nobody nobody = limpet.get(Nobody.class, "x");
      for (int i = 0; i < 2; i++) {
        Throwable e = catchThrowable(nobody::who);
        TurnsTest.is(e, ErrorCode.ACTIVATION_FAILED, Executed.NO);
        assertThat(e).hasMessageContaining("null");
        clock.advance(PAUSE_MAX);
      }
      assertThat(nobody.who()).isEqualTo(7);
    }
  }
}
