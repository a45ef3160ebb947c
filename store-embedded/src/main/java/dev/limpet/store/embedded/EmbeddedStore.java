package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Proposer;
import dev.limpet.engine.Store;
import dev.limpet.engine.StoreWire;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * The store that lives on the nodes themselves: writes are entries of a replicated log, reads come from a replica, this
 * node's own if it has one, once that is far enough. Thread-safe. Owns neither the replica nor the log; close it before them.
 */
public final class EmbeddedStore implements Store {
  private final StoreReads reads;
  private final Proposer proposer;
  private final int commitBytesMax;
  private final Duration proposeTimeout;
  private volatile boolean closed;

  /**
   * A store over an open replica.
   *
   * @param local this node's replica, which the log applies to
   * @param proposer appends to that log from this node
   * @param entryBytesMax the largest entry that the log takes
   * @param proposeTimeout after this long a write fails with its outcome unknown
   */
  public EmbeddedStore(
      RocksStateMachine local, Proposer proposer, int entryBytesMax, Duration proposeTimeout) {
    this(new LocalReads(local), proposer, entryBytesMax, proposeTimeout);
  }

  EmbeddedStore(
      RocksStateMachine local,
      Proposer proposer,
      int entryBytesMax,
      Duration proposeTimeout,
      Duration loadWait) {
    this(new LocalReads(local, loadWait), proposer, entryBytesMax, proposeTimeout);
  }

  /** A store that reads from replicas of this node or of others. */
  public EmbeddedStore(
      StoreReads reads, Proposer proposer, int entryBytesMax, Duration proposeTimeout) {
    if (entryBytesMax <= StoreWire.OVERHEAD_BYTES) {
      throw new IllegalArgumentException("entries of " + entryBytesMax + " bytes hold no commit");
    }
    this.reads = reads;
    this.proposer = proposer;
    this.commitBytesMax = entryBytesMax - StoreWire.OVERHEAD_BYTES;
    this.proposeTimeout = proposeTimeout;
  }

  @Override
  public CompletableFuture<List<ClaimReply>> claim(List<Claim> claims) {
    byte[] entry = StoreWire.encodeClaims(claims);
    return propose(entry, applied -> StoreWire.decodeClaimed(applied.reply(), applied.index()));
  }

  @Override
  public CompletableFuture<Committed> commit(List<Part> parts) {
    StoreWire.checkParts(parts, commitBytesMax);
    byte[] entry = StoreWire.encodeCommit(parts);
    return propose(entry, applied -> StoreWire.decodeCommitted(applied.reply(), applied.index()));
  }

  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    if (closed) {
      return closedFailure();
    }
    CompletableFuture<Map<String, byte[]>> loading = reads.load(shard, id, atLeast);
    if (loading.isDone()) {
      return loading;
    }
    CompletableFuture<Map<String, byte[]>> answer = new CompletableFuture<>();
    forward(loading, answer);
    return answer;
  }

  /**
   * Appends an entry that changes nothing.
   *
   * @return its index: everything that was committed when this was called lies below it
   */
  public CompletableFuture<Long> writeNothing() {
    return propose(StoreWire.encodeClaims(List.of()), Applied::index);
  }

  @Override
  public int commitBytesMax() {
    return commitBytesMax;
  }

  @Override
  public void close() {
    closed = true;
  }

  private <T> CompletableFuture<T> propose(byte[] entry, Function<Applied, T> decode) {
    if (closed) {
      return closedFailure();
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    forward(proposer.propose(entry, proposeTimeout).thenApply(decode), answer);
    return answer;
  }

  /** A failure arrives bare, not inside the exception that each further step would wrap around it. */
  private static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
    CompletableFuture<T> unused =
        from.whenComplete((answer, failure) -> {
          if (failure == null) {
            to.complete(answer);
          } else {
            boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
            to.completeExceptionally(wrapped ? failure.getCause() : failure);
          }
        });
  }

  private static <T> CompletableFuture<T> closedFailure() {
    return CompletableFuture.failedFuture(
        new LogException("the store on this node is closed", false));
  }
}
