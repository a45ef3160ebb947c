package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.engine.LogException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Reads from the replica on this node. Thread-safe. */
public final class LocalReads implements StoreReads {
  /** How long a load waits for the replica. */
  public static final Duration LOAD_WAIT = Duration.ofSeconds(5);

  private final RocksStateMachine local;
  private final Duration loadWait;
  private final Executor loads;

  public LocalReads(RocksStateMachine local) {
    this(local, LOAD_WAIT);
  }

  LocalReads(RocksStateMachine local, Duration loadWait) {
    this.local = local;
    this.loadWait = loadWait;
    Thread.Builder.OfVirtual threads = Thread.ofVirtual().name("limpet-store-load-", 0);
    this.loads = task -> threads.start(task);
  }

  /** Whether a load of that entry's state would not wait. */
  public boolean has(long atLeast) {
    return local.appliedIndex() >= atLeast;
  }

  /** Done when the replica has applied that entry; fails if it does not get there in time. */
  public CompletableFuture<Long> reached(long index, Duration time) {
    return local.reached(index, time);
  }

  /** Reads on the caller's thread if the replica is far enough, which it mostly is, else when it got there. */
  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    if (local.appliedIndex() >= atLeast) {
      try {
        return CompletableFuture.completedFuture(read(shard, id));
      } catch (LogException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
    return local.reached(atLeast, loadWait).thenApplyAsync(index -> read(shard, id), loads);
  }

  private Map<String, byte[]> read(int shard, ProcessId id) {
    try {
      return local.load(shard, id);
    } catch (IOException e) {
      throw new LogException(
          "the state of " + id + " cannot be read on this node: " + e.getMessage(), false, e);
    }
  }
}
