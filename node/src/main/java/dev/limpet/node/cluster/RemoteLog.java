package dev.limpet.node.cluster;

import dev.limpet.engine.Applied;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.NotLeaderException;
import dev.limpet.engine.ReplicatedLog;
import java.util.concurrent.CompletableFuture;

/**
 * A log of which this node holds no replica: it never leads here, and who leads is what the feed says. Entries go to the
 * leader by {@link GroupProposer}. Thread-safe.
 */
final class RemoteLog implements ReplicatedLog {
  private final int entryBytesMax;
  private volatile Leadership leadership = Leadership.UNKNOWN;
  private volatile long applied;

  RemoteLog(int entryBytesMax) {
    this.entryBytesMax = entryBytesMax;
  }

  void learned(Leadership now) {
    leadership = now;
  }

  void learned(long index) {
    applied = index;
  }

  @Override
  public CompletableFuture<Applied> append(byte[] entry) {
    return CompletableFuture.failedFuture(new NotLeaderException(leadership.leader()));
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public long appliedIndex() {
    return applied;
  }

  @Override
  public int entryBytesMax() {
    return entryBytesMax;
  }
}
