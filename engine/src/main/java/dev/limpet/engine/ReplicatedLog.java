package dev.limpet.engine;

import java.util.concurrent.CompletableFuture;

/**
 * One replica of a group that agrees on an ordered, durable list of entries and applies each to a {@link StateMachine}.
 *
 * <p>Only the write path is used for decisions: nothing here promises that a leader is still one (rule: the write that
 * commits is the only proof).
 */
public interface ReplicatedLog {

  /**
   * Appends an entry through this replica, which must lead. Completes when the entry is synced on a majority and was
   * applied here. Fails with {@link NotLeaderException} when the entry was surely not appended, and with
   * {@link LogException} of {@code executed = unknown} otherwise: then it may still be applied, now or later.
   *
   * @param entry at most {@link #entryBytesMax()} bytes; the caller does not change it afterwards
   */
  CompletableFuture<Applied> append(byte[] entry);

  /** What this replica believes about the leader. */
  Leadership leadership();

  /** The last entry that the state machine of this replica has applied. */
  long appliedIndex();

  /** The largest entry that {@link #append} takes. */
  int entryBytesMax();
}
