package dev.limpet.node;

import dev.limpet.ProcessId;
import dev.limpet.node.home.Async;
import dev.limpet.store.embedded.StoreReads;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads from this node's own replica of the store if that is far enough, else from another's. A replica that follows hears
 * that an entry has committed only with the next one or a heartbeat: asking the leader, which has applied what it
 * acknowledged, is faster by far. While its answer is out, the own one may get there first. Thread-safe.
 */
final class NearestReads implements StoreReads {
  private final Supplier<@Nullable Own> own;
  private final StoreReads others;

  /** This node's own replica. */
  interface Own extends StoreReads {
    /** Whether a load of that entry's state would not wait. */
    boolean has(long atLeast);

    /** Whether nobody can be further. */
    boolean first();

    /** Whether it gets there: it votes, and knows a leader. */
    boolean takesPart();
  }

  /**
   * Reads from either.
   *
   * @param own what this node has now, if anything
   */
  NearestReads(Supplier<@Nullable Own> own, StoreReads others) {
    this.own = own;
    this.others = others;
  }

  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    Own mine = own.get();
    if (mine == null) {
      return others.load(shard, id, atLeast);
    }
    if (mine.has(atLeast) || mine.first()) {
      return mine.load(shard, id, atLeast);
    }
    CompletableFuture<Map<String, byte[]>> theirs = others.load(shard, id, atLeast);
    return mine.takesPart() ? either(theirs, mine.load(shard, id, atLeast)) : theirs;
  }

  /** What comes first; the others' failure if neither comes. */
  private static CompletableFuture<Map<String, byte[]>> either(
      CompletableFuture<Map<String, byte[]>> theirs, CompletableFuture<Map<String, byte[]>> own) {
    CompletableFuture<Map<String, byte[]>> first = new CompletableFuture<>();
    Async.whenDone(
        own,
        (columns, failure) -> {
          if (columns != null) {
            first.complete(columns);
          }
        });
    Async.whenDone(
        theirs,
        (columns, failure) -> {
          if (columns != null) {
            first.complete(columns);
            own.cancel(false); // not read any more
          } else {
            Async.whenDone(
                own,
                (mine, ownFailure) -> first.completeExceptionally(Objects.requireNonNull(failure)));
          }
        });
    return first;
  }
}
