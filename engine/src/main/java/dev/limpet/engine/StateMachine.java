package dev.limpet.engine;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The state that a replicated log builds, one on each replica.
 *
 * <p>All methods but {@link #leadershipChanged} are called by one thread at a time. {@link #apply} must depend on
 * nothing but the state and the entry: no clock, no randomness, no configuration. A business refusal is a reply; an
 * exception out of {@code apply} is a bug or a broken disk, and stops the node.
 */
public interface StateMachine extends AutoCloseable {

  /**
   * Makes the state ready after a start.
   *
   * @param directory where the machine may keep files of its own between starts; exists
   * @param checkpoint the newest checkpoint that the log still holds, or null; a machine whose own files are newer
   *     ignores it
   * @return the last entry that the state contains; the log goes on from the one after it
   */
  Position open(Path directory, @Nullable Path checkpoint) throws IOException;

  /** Applies the next entry and answers it. */
  byte[] apply(Position at, byte[] entry);

  /**
   * Writes the whole state, as of the last applied entry, into an empty directory and syncs it to disk. The log may
   * forget the entries up to there afterwards.
   */
  void checkpoint(Path empty) throws IOException;

  /**
   * Replaces the state by a checkpoint that another replica wrote; the directory stays the caller's, so what is to be
   * kept must be copied or linked.
   *
   * @return the last entry that the state now contains
   */
  Position install(Path checkpoint) throws IOException;

  /** Called when this replica's belief about the leader changed; any thread, must return at once. */
  default void leadershipChanged(Leadership now) {}

  @Override
  void close() throws IOException;
}
