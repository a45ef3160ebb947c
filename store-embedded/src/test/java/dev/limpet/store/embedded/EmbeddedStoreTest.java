package dev.limpet.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Proposer;
import dev.limpet.engine.Store;
import dev.limpet.engine.memory.MemoryLog;
import dev.limpet.store.contract.DurableStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EmbeddedStoreTest extends DurableStoreContract {
  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  private RocksStateMachine machine;

  @SuppressWarnings("NullAway.Init")
  private MemoryLog log;

  @Override
  protected Store openEmpty() throws IOException {
    machine = new RocksStateMachine();
    log = MemoryLog.open(machine, directory);
    return new EmbeddedStore(machine, log, log.entryBytesMax(), Duration.ofSeconds(10));
  }

  @Override
  protected Store reopen(Store store) throws IOException {
    store.close();
    log.close();
    return openEmpty();
  }

  @AfterEach
  void closeLog() throws IOException {
    store.close();
    log.close();
  }

  @Test
  void load_beforeTheReplicaIsThere_waitsForIt() {
    long index = granted(claim(1, 5, 1, 10)).index();
    CompletableFuture<Map<String, byte[]>> load = store.load(1, ALICE, index + 1);
    assertThat(load).isNotDone();
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1")));
    assertThat(join(load)).containsOnlyKeys("a");
  }

  @Test
  void load_fromAReplicaThatIsTooFarBehind_failsInTimeAndSaysSo() {
    Store impatient =
        new EmbeddedStore(
            machine, log, log.entryBytesMax(), Duration.ofSeconds(10), Duration.ofMillis(20));
    assertThat(impatient.load(1, ALICE, 1_000))
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOf(LogException.class)
        .withMessageContaining("1000 is needed")
        .matches(e -> !((LogException) e).mayHaveRun());
  }

  @Test
  void load_whileTheReplicaCloses_fails() throws IOException {
    CompletableFuture<Map<String, byte[]>> load = store.load(1, ALICE, 1_000);
    log.close();
    assertThat(load)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableOfType(ExecutionException.class)
        .havingCause()
        .isInstanceOf(LogException.class);
    assertThat(store.load(1, ALICE, 0)).failsWithin(Duration.ofSeconds(10));
  }

  @Test
  void proposal_thatFails_failsTheCommitBare() {
    LogException lost = new LogException("lost", true);
    Proposer broken = (entry, timeout) -> CompletableFuture.failedFuture(lost);
    try (Store unlucky = new EmbeddedStore(machine, broken, 1 << 20, Duration.ofSeconds(1))) {
      assertThat(unlucky.commit(List.of()).exceptionNow()).isSameAs(lost);
      assertThat(unlucky.claim(List.of()).exceptionNow()).isSameAs(lost);
    }
  }

  @Test
  void entry_deliveredTwice_changesNothing() {
    Proposer twice =
        (entry, timeout) -> {
          Applied first = log.propose(entry, timeout).join();
          Applied second = log.propose(entry, timeout).join();
          assertThat(second.index()).isGreaterThan(first.index());
          return CompletableFuture.completedFuture(second);
        };
    store = new EmbeddedStore(machine, twice, log.entryBytesMax(), Duration.ofSeconds(1));
    granted(claim(1, 5, 1, 10));
    assertThat(commit(part(1, 5, 1, 1, put(ALICE, "a", "1"))))
        .containsExactly(Store.PartReply.ALREADY_APPLIED);
    granted(claim(1, 5, 2, 10));
    long index = committed(part(1, 5, 2, 1, put(ALICE, "a", "2"))).index();
    assertThat(load(1, ALICE, index)).containsEntry("a", "2");
    assertThat(granted(claim(1, 5, 3, 10)).lastSequenceOf(2)).hasValue(1);
  }

  @Test
  void closed_refusesAndSaysThatNothingRan() {
    store.close();
    assertThat(store.load(1, ALICE, 0).exceptionNow()).isInstanceOf(LogException.class);
    assertThat(((LogException) store.commit(List.of()).exceptionNow()).mayHaveRun()).isFalse();
  }
}
