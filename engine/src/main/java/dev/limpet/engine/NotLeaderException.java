package dev.limpet.engine;

import org.jspecify.annotations.Nullable;

/** This replica does not lead, or not yet; the entry was not appended. */
public final class NotLeaderException extends LogException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial")
  private final @Nullable String leader;

  public NotLeaderException(@Nullable String leader) {
    super(leader == null ? "no leader is known" : "the leader is " + leader, false);
    this.leader = leader;
  }

  /** The leader's node name, as far as this replica knows. */
  public @Nullable String leader() {
    return leader;
  }
}
