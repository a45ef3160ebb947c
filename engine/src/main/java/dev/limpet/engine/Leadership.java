package dev.limpet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Who leads a replicated log, as one replica believes. A hint and never a proof: a paused or cut-off leader goes on
 * believing in itself. Only an entry that was applied proves anything.
 *
 * @param term the term this belief is from
 * @param leader the leader's node name, or null while none is known
 * @param self whether this replica leads and has applied the first entry of its own term
 */
public record Leadership(long term, @Nullable String leader, boolean self) {
  public static final Leadership UNKNOWN = new Leadership(0, null, false);
}
