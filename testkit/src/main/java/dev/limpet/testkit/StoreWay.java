package dev.limpet.testkit;

import dev.limpet.ProcessId;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Store;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One node's way to the store that all share. A request takes a moment each way, like one to disks, so that a node can
 * die in between. Thread-safe.
 */
final class StoreWay implements Store {
  private final Store store;
  private final Conditions conditions;
  private final Conditions.Life life;
  private final BooleanSupplier reached;
  private final long eachWayNanos;

  /**
   * @param reached whether the node reaches the majority that keeps the store
   */
  StoreWay(
      Store store,
      Conditions conditions,
      Conditions.Life life,
      BooleanSupplier reached,
      long eachWayNanos) {
    this.store = store;
    this.conditions = conditions;
    this.life = life;
    this.reached = reached;
    this.eachWayNanos = eachWayNanos;
  }

  @Override
  public CompletableFuture<List<ClaimReply>> claim(List<Claim> claims) {
    return ask(() -> store.claim(claims));
  }

  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    return ask(() -> store.load(shard, id, atLeast));
  }

  @Override
  public CompletableFuture<Committed> commit(List<Part> parts) {
    return ask(() -> store.commit(parts));
  }

  private <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Thread unused =
        Thread.startVirtualThread(() -> {
          try {
            pass(Conditions.Store.REFUSES, "the store refuses everything", false);
            T done = request.get().get();
            pass(Conditions.Store.LOSES_ANSWERS, "the store's answer was lost", true);
            answer.complete(done);
          } catch (ExecutionException e) {
            answer.completeExceptionally(e.getCause());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.completeExceptionally(new LogException("interrupted", true, e));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** One way to the store or back, which it does not get along when the node or the store has that fault. */
  private void pass(Conditions.Store fault, String what, boolean mayHaveRun) {
    LockSupport.parkNanos(eachWayNanos);
    if (!life.goesOn()) {
      throw new LogException("the node has ended", mayHaveRun);
    }
    if (conditions.store() == fault) {
      throw new LogException(what, mayHaveRun);
    }
    if (!reached.getAsBoolean()) {
      throw new LogException("the store is out of reach", mayHaveRun);
    }
  }

  @Override
  public int commitBytesMax() {
    return store.commitBytesMax();
  }

  /** Leaves the store to the other nodes. */
  @Override
  public void close() {}
}
