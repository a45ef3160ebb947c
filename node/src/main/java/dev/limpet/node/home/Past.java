package dev.limpet.node.home;

import org.jspecify.annotations.Nullable;

/**
 * What a process has from earlier turns besides the values of its cells; one that never saved anything, failed, or was
 * called with a key has none of it. Written under the turn lock; what is volatile is read by anyone.
 */
final class Past {
  /** The last that was handed in to be saved. */
  volatile @Nullable Commit lastCommit;

  /** What went wrong last, in a line. */
  volatile @Nullable String lastFailure;

  /** Answers for repeated calls; null while there are none. */
  @Nullable KeptResults kept;

  /** Whether something failed since a turn last ended well. */
  boolean ailing;
}
