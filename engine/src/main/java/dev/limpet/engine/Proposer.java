package dev.limpet.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Appends to a replicated log from any node: finds the leader, forwards, and follows it when it changes.
 *
 * <p>An entry may be applied more than once when an answer was lost and the proposer tried again, so entries must be
 * idempotent: the fence, registrations and sequence numbers see to that.
 */
@FunctionalInterface
public interface Proposer {
  /**
   * Proposes until the entry was applied or the time is over.
   *
   * @return the applied entry; fails with {@link LogException}, whose {@code mayHaveRun} is true when any attempt could
   *     have been appended
   */
  CompletableFuture<Applied> propose(byte[] entry, Duration timeout);
}
