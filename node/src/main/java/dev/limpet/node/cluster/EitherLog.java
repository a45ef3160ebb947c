package dev.limpet.node.cluster;

import dev.limpet.engine.Applied;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.ReplicatedLog;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A log by this node's own replica while that takes part in the group, else as the feed shows it. Thread-safe. */
public final class EitherLog implements ReplicatedLog {
  private final ReplicatedLog feed;
  private final Supplier<@Nullable ReplicatedLog> own;

  /**
   * One log in two ways.
   *
   * @param own this node's replica, if it has one that takes part; else null
   */
  public EitherLog(ReplicatedLog feed, Supplier<@Nullable ReplicatedLog> own) {
    this.feed = feed;
    this.own = own;
  }

  private ReplicatedLog now() {
    @Nullable ReplicatedLog mine = own.get();
    return mine == null ? feed : mine;
  }

  @Override
  public CompletableFuture<Applied> append(byte[] entry) {
    return now().append(entry);
  }

  @Override
  public Leadership leadership() {
    return now().leadership();
  }

  @Override
  public long appliedIndex() {
    return now().appliedIndex();
  }

  @Override
  public int entryBytesMax() {
    return feed.entryBytesMax();
  }
}
