package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.Hosting;
import dev.limpet.StartFailed;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No more processes of a type stay in memory than it says; those leave that are worth least there. */
@Timeout(90)
class MemoryBoundTest {
  private static final int MAX = 3;

  private final Shore shore = new Shore(Hosting.Options.DEFAULT.withInMemoryMax(MAX));

  /** A second passes, and so all processes are looked at. */
  private void look() {
    shore.clock.advance(Duration.ofSeconds(1));
  }

  @Test
  void processesBeyondTheBound_leave_thoseOfLongAgoFirst_andComeBackWithTheirState()
      throws Exception {
    try (shore) {
      for (String key : new String[] {"a", "b", "c", "d", "e"}) {
        shore.probe(key).act("add");
        shore.clock.advance(Duration.ofMillis(1));
      }
      assertThat(shore.shards.liveCount()).isEqualTo(MAX);
      assertThat(shore.acts.constructions).hasValue(5);
      assertThat(shore.probe("e").look("get")).as("it stayed").isEqualTo(1);
      assertThat(shore.acts.constructions).hasValue(5);
      assertThat(shore.probe("a").look("get")).as("it came back").isEqualTo(1);
      assertThat(shore.acts.constructions).hasValue(6);
    }
  }

  @Test
  void scan_drivesNobodyOutWhoIsUsedAgainAndAgain() throws Exception {
    try (shore) {
      for (int i = 0; i < 5; i++) {
        for (String key : new String[] {"a", "b", "c"}) {
          shore.probe(key).act("addMemory");
        }
        look();
      }
      for (int i = 0; i < 20; i++) {
        shore.probe("scan" + i).look("get");
        shore.probe("scan-too" + i).look("get");
        look();
        assertThat(shore.shards.liveCount()).isEqualTo(MAX);
      }
      for (String key : new String[] {"a", "b", "c"}) {
        assertThat(shore.probe(key).look("getMemory")).as(key).isEqualTo(5);
      }
    }
  }

  @Test
  void process_thatKeepsComingBack_staysInTheEnd() throws Exception {
    try (shore) {
      for (int i = 0; i < 2; i++) {
        for (String key : new String[] {"a", "b", "c"}) {
          shore.probe(key).look("get");
        }
        look();
      }
      for (int i = 0; i < 4; i++) {
        shore.probe("late").look("get");
        look();
      }
      int before = shore.acts.constructions.get();
      shore.probe("late").look("get");
      assertThat(shore.acts.constructions).as("it is in memory").hasValue(before);
    }
  }

  @Test
  void process_whoseTurnRuns_stays() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (shore) {
      shore.acts.on("hold", p -> TurnsTest.hold(begun, go));
      Caller<Long> holder = Caller.start(() -> shore.probe("held").act("hold"));
      begun.await();
      for (int i = 0; i < 5; i++) {
        shore.probe("busy").look("get");
        shore.probe("more" + i).look("get");
        look();
      }
      go.countDown();
      holder.get();
      int before = shore.acts.constructions.get();
      assertThat(shore.probe("held").look("get")).isZero();
      assertThat(shore.acts.constructions).as("it never left").hasValue(before);
    }
  }

  @Test
  void type_withoutABound_keepsAll() throws Exception {
    shore.close();
    try (Shore free = new Shore()) {
      for (int i = 0; i < 50; i++) {
        free.probe("p" + i).look("get");
      }
      free.clock.advance(Duration.ofSeconds(1));
      assertThat(free.shards.liveCount()).isEqualTo(50);
    }
  }

  @Test
  void bound_thatIsNone_isRefused() {
    shore.close();
    assertThatThrownBy(() -> Hosting.Options.DEFAULT.withInMemoryMax(-1))
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("inMemoryMax");
  }
}
