package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/**
 * A target whose process may live on this very node, so that a stub can call the process itself: no array of arguments,
 * nothing boxed. {@link #call} works at any time; the rest is the short way. Called by any thread.
 */
public interface NearTarget extends CallTarget {
  /** Whether {@link #begin} is worth trying; cheap. */
  boolean isNear();

  /**
   * An argument for the process: itself if it is deeply immutable, else a copy.
   *
   * @throws dev.limpet.CallRefused if it is not a value of its type
   */
  @Nullable Object argument(int methodIndex, int place, @Nullable Object value);

  /**
   * Begins a turn on this thread, if that needs no waiting. The caller then calls the method of {@link NearTurn#process}
   * and ends the turn, whatever happens, by one of {@link NearTurn#end} and {@link NearTurn#fail}.
   *
   * @return null to take the long way, {@link #call}
   */
  @Nullable NearTurn begin(int methodIndex);

  /**
   * Makes the call, the long way, by a deadline that an earlier attempt has left.
   *
   * @param deadlineNanos as of {@code System.nanoTime}
   */
  @Nullable Object call(int methodIndex, @Nullable Object[] arguments, long deadlineNanos)
      throws Throwable;
}
