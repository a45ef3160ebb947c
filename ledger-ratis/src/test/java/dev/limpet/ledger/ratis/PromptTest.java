package dev.limpet.ledger.ratis;

import static dev.limpet.ledger.ratis.Trio.LEDGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How followers come to know what has committed, and appenders what there is to send. */
class PromptTest {
  private static final int ENTRIES = 20;
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);

  @Test
  @Timeout(value = 100, unit = TimeUnit.SECONDS)
  void followersOfAPromptGroup_areToldOfEachEntry_beforeAHeartbeatIsDue(@TempDir Path root)
      throws IOException {
    LogTuning slow =
        LogTuning.DEFAULT.withElectionTimeouts(
            HEARTBEAT.multipliedBy(2), HEARTBEAT.multipliedBy(3));
    try (Trio trio = new Trio(root, 3, slow, LEDGER).with(host -> host.prompt(LEDGER)).startAll()) {
      int leader = trio.leader(LEDGER);
      long begun = System.nanoTime();
      for (int i = 0; i < ENTRIES; i++) {
        long index = trio.append(LEDGER, "put word " + i).index();
        for (int n = 0; n < 3; n++) {
          trio.awaitApplied(LEDGER, n, index);
        }
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begun);

      assertThat(trio.leader(LEDGER)).isEqualTo(leader);
      assertThat(took)
          .as("%d entries, of which heartbeats alone tell one in %s", ENTRIES, HEARTBEAT)
          .isLessThan(HEARTBEAT.multipliedBy(ENTRIES).dividedBy(2));
    }
  }

  @Test
  void aGroupThatIsNotHosted_cannotBePrompt(@TempDir Path root) {
    Voter self = new Voter("n1", "s1", "127.0.0.1:1");
    RatisConfig.Builder builder =
        RatisConfig.builder()
            .clusterId("c1")
            .self(self)
            .directory(root)
            .group(LEDGER, new Words())
            .prompt("store")
            .onFatal(cause -> {});
    assertThatThrownBy(builder::build).hasMessageContaining("[store]").hasMessageContaining(LEDGER);
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aSignalThatComesWhileNobodyWaits_endsTheNextWait_andNoOther() throws InterruptedException {
    StickySignal signal = new StickySignal("test");
    signal.signal();
    signal.signal();

    assertThat(signal.await(1, TimeUnit.HOURS)).isTrue();
    assertThat(signal.await(1, TimeUnit.MILLISECONDS)).isFalse();
    signal.signal();
    signal.await();
    assertThat(signal.await(0, TimeUnit.MILLISECONDS)).isFalse();
  }
}
