package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.engine.LogException;
import dev.limpet.store.embedded.StoreReads;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which replica a process is loaded from. */
class NearestReadsTest {
  private static final ProcessId ID = new ProcessId("counter", "a");
  private static final StoreReads OTHERS = (shard, id, atLeast) -> from("another");
  private static final StoreReads NOBODY =
      (shard, id, atLeast) ->
          CompletableFuture.failedFuture(new LogException("nobody answers", false));

  private record Replica(long applied, boolean first, boolean takesPart, StoreReads reads)
      implements NearestReads.Own {
    Replica(long applied, boolean first, boolean takesPart) {
      this(applied, first, takesPart, (shard, id, atLeast) -> from("own"));
    }

    @Override
    public boolean has(long atLeast) {
      return applied >= atLeast;
    }

    @Override
    public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
      return reads.load(shard, id, atLeast);
    }
  }

  private static CompletableFuture<Map<String, byte[]>> from(String where) {
    return CompletableFuture.completedFuture(
        Map.of("from", where.getBytes(StandardCharsets.UTF_8)));
  }

  private static CompletableFuture<String> load(NearestReads.Own own, StoreReads others) {
    return new NearestReads(() -> own, others)
        .load(1, ID, 10)
        .thenApply(columns -> new String(columns.get("from"), StandardCharsets.UTF_8));
  }

  @Test
  void aNodeWithoutReplica_loadsFromAnother() {
    assertThat(load(null, OTHERS)).isCompletedWithValue("another");
  }

  @Test
  void aReplicaThatIsFarEnough_isReadWhoeverLeads() {
    assertThat(load(new Replica(10, false, true), NOBODY)).isCompletedWithValue("own");
    assertThat(load(new Replica(10, false, false), NOBODY)).isCompletedWithValue("own");
  }

  @Test
  void aFollowerThatIsBehind_loadsFromAnother() {
    CompletableFuture<Map<String, byte[]>> behind = new CompletableFuture<>();
    Replica own = new Replica(9, false, true, (shard, id, atLeast) -> behind);
    assertThat(load(own, OTHERS)).isCompletedWithValue("another");
    assertThat(behind).as("what nobody wants any more").isCancelled();
    assertThat(load(new Replica(9, false, false), OTHERS)).isCompletedWithValue("another");
  }

  @Test
  void theReplicaThatLeads_orIsTheOnlyOne_asksNobody() {
    assertThat(load(new Replica(9, true, true), NOBODY)).isCompletedWithValue("own");
  }

  @Test
  void aFollowerThatIsBehind_takesItsOwnReplicas_ifThatGetsThereFirst_orNobodyElseAnswers() {
    StoreReads silent = (shard, id, atLeast) -> new CompletableFuture<>();
    assertThat(load(new Replica(9, false, true), silent)).isCompletedWithValue("own");
    assertThat(load(new Replica(9, false, true), NOBODY)).isCompletedWithValue("own");

    CompletableFuture<Map<String, byte[]>> behind = new CompletableFuture<>();
    CompletableFuture<String> loading =
        load(new Replica(9, false, true, (shard, id, atLeast) -> behind), NOBODY);
    assertThat(loading).isNotDone();
    behind.completeExceptionally(new LogException("cut off", false));
    assertThat(loading)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("nobody answers");
  }

  @Test
  void aReplicaThatTakesNoPart_isNotWaitedFor() {
    assertThat(load(new Replica(9, false, false), NOBODY)).isCompletedExceptionally();
  }
}
