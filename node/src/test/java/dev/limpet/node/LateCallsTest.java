package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.call.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls from other nodes, sent before the world changed or after it (rule 17). */
@Timeout(60)
class LateCallsTest {
  private static final long GONE = 99;

  private final Shore shore = new Shore();
  private Frames add;

  @BeforeEach
  void frames() {
    add = shore.frames("a", "add");
  }

  @AfterEach
  void close() {
    shore.close();
  }

  private void nothingRan() {
    assertThat(shore.acts.constructions).hasValue(0);
    assertThat(shore.script.parts()).isEmpty();
  }

  @Test
  void callOfAMember_runs() {
    assertThat(add.answer(Shore.OTHER, shore.viewIndex(), 1)).startsWith("Value[epoch=1,");
    assertThat(shore.script.parts()).hasSize(1);
  }

  @Test
  void callOfANodeWhoseRegistrationHasEnded_isRefusedAndDoesNotRun() {
    assertThat(add.answer(GONE, shore.viewIndex(), 1))
        .startsWith("Failed[")
        .contains("executed=NO")
        .contains("registration has ended");
    nothingRan();
  }

  @Test
  void callThatWasSentToAnEarlierEpochOfThisHome_isSentBackAndDoesNotRun() {
    shore.place(Shore.SELF, 3);
    Caller.until(() -> shore.shards.serves(0));
    assertThat(add.answer(Shore.OTHER, shore.viewIndex(), 1)).startsWith("Moved[");
    nothingRan();
  }

  @Test
  void callOfANodeThatHasSeenMore_doesNotRunBeforeThisNodeHasSeenItToo() {
    assertThat(add.answer(Shore.OTHER, shore.viewIndex() + 1, 1))
        .startsWith("Failed[")
        .contains("executed=NO")
        .contains("not yet seen");
    nothingRan();
  }
}
