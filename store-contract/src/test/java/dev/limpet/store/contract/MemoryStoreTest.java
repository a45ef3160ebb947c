package dev.limpet.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.engine.LogException;
import dev.limpet.engine.Store;
import dev.limpet.engine.Store.PartReply;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.engine.memory.MemoryStore.Operation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends PinnedStoreContract {
  @Override
  protected Store openEmpty() {
    return new MemoryStore();
  }

  /** Passes claims and loads, and holds commits back on both sides until the test says so. */
  private static final class Held implements MemoryStore.Hook {
    final CompletableFuture<String> before = new CompletableFuture<>();
    final CompletableFuture<String> after = new CompletableFuture<>();

    @Override
    public CompletionStage<?> before(Operation operation) {
      return operation instanceof Operation.Committing
          ? before
          : CompletableFuture.completedStage("");
    }

    @Override
    public CompletionStage<?> after(Operation operation) {
      return operation instanceof Operation.Committing
          ? after
          : CompletableFuture.completedStage("");
    }
  }

  @Test
  void hook_thatLosesTheAnswer_leavesTheEffect() {
    Held held = new Held();
    store = new MemoryStore(held);
    granted(claim(1, 5, 1, 10));
    CompletableFuture<Store.Committed> commit =
        store.commit(List.of(part(1, 5, 1, 1, put(ALICE, "a", "1"))));
    held.before.complete("");
    held.after.completeExceptionally(new LogException("lost", true));
    assertThat(commit.exceptionNow()).isInstanceOf(LogException.class).hasMessage("lost");
    assertThat(granted(claim(1, 5, 2, 10)).earlierLastSequence()).isEqualTo(1);
  }

  @Test
  void hook_thatFailsBefore_leavesNoEffect() {
    Held held = new Held();
    store = new MemoryStore(held);
    granted(claim(1, 5, 1, 10));
    CompletableFuture<Store.Committed> commit =
        store.commit(List.of(part(1, 5, 1, 1, put(ALICE, "a", "1"))));
    held.before.completeExceptionally(new LogException("dropped", false));
    assertThat(commit.exceptionNow()).isInstanceOf(LogException.class).hasMessage("dropped");
    assertThat(granted(claim(1, 5, 2, 10)).earlierLastSequence()).isZero();
  }

  @Test
  void hook_thatDelays_letsALaterClaimWin() {
    Held held = new Held();
    store = new MemoryStore(held);
    granted(claim(1, 5, 1, 10));
    CompletableFuture<Store.Committed> late =
        store.commit(List.of(part(1, 5, 1, 1, put(ALICE, "a", "1"))));
    granted(claim(1, 6, 1, 11));
    held.before.complete("");
    held.after.complete("");
    assertThat(late.join().replies()).containsExactly(PartReply.FENCED);
  }

  @Test
  void scan_listsProcessesOfOneTypeByKey() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(BOB, "a", "1"), put(ALICE, "a", "1"), put(ALICE, "b", "1")));
    MemoryStore memory = (MemoryStore) store;
    assertThat(memory.scan(1, "wallet", 10)).containsExactly(ALICE, BOB);
    assertThat(memory.scan(1, "wallet", 1)).containsExactly(ALICE);
    assertThat(memory.scan(1, "counter", 10)).isEmpty();
    commit(part(1, 5, 1, 2, remove(BOB, "a")));
    assertThat(memory.scan(1, "wallet", 10)).containsExactly(ALICE);
  }

  @Test
  void closed_refusesAndSaysThatNothingRan() {
    store.close();
    Throwable failure = catchThrowable(() -> store.load(1, ALICE, 0).join());
    assertThat(failure)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(LogException.class);
    assertThat(((LogException) failure.getCause()).mayHaveRun()).isFalse();
  }
}
