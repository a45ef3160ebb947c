package dev.limpet.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clusters of one and of seven, and time that only the test moves. */
@Timeout(60)
class SizesTest {
  @Test
  void oneNode_killedAndStarted_hasWhatWasSaved() throws Exception {
    try (TestCluster cluster = TestCluster.of(1).host(Tally.class, Tally.Saved::new).start()) {

      assertThat(Again.call(() -> cluster.get(Tally.class, "a").add(5))).isEqualTo(5);
      cluster.kill("n1");
      cluster.start("n1");
      assertThat(Again.call(() -> cluster.get(Tally.class, "a").add(1))).isEqualTo(6);
      assertThat(Again.call(() -> cluster.get(Tally.class, "a").sum())).isEqualTo(6);
    }
  }

  @Test
  void sevenNodes_goOnWithoutThree() throws Exception {
    try (TestCluster cluster =
        TestCluster.of(7)
            .lease(Duration.ofSeconds(10))
            .host(Tally.class, Tally.Saved::new)
            .start()) {
      assertThat(cluster.nodes()).hasSize(7);
      for (String key : new String[] {"a", "b", "c"}) {
        assertThat(cluster.get(Tally.class, key).add(5)).isEqualTo(5);
        cluster.kill(cluster.home(Tally.class, key));
        assertThat(cluster.get(Tally.class, key).add(1)).isEqualTo(6);
      }
      assertThat(cluster.runningNodes()).hasSize(4);
    }
  }

  @Test
  void clock_advanced_passivatesWhatIsIdle() throws Exception {
    VirtualClock clock = new VirtualClock();
    try (TestCluster cluster =
        TestCluster.of(1)
            .lease(Duration.ofSeconds(10))
            .clock(clock)
            .host(Tally.class, Tally.Saved::new)
            .start()) {
      Tally tally = cluster.get(Tally.class, "a");
      assertThat(tally.add(5)).isEqualTo(5);
      assertThat(tally.place()).isEqualTo("n1 1");
      clock.advance(Duration.ofMinutes(11));
      assertThat(tally.place()).as("made anew, without its memory").isEqualTo("n1 0");
      assertThat(tally.sum()).isEqualTo(5);
    }
  }
}
