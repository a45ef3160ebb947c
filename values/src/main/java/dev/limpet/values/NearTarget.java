package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/**
 * A target whose process may live on this very node, so that a stub can call the process itself: no array of arguments,
 * nothing boxed. {@link #call} works at any time; the rest is the short way. Called by any thread.
 */
public interface NearTarget extends CallTarget {
  /** The process, if it is in this node's memory and may be called the short way; null if it is not. */
  @Nullable NearProcess near();

  /** How long a call may take, in nanoseconds; always the same. */
  long timeoutNanos();

  /**
   * Makes the call, the long way, by a deadline that an earlier attempt has left.
   *
   * @param deadlineNanos as of {@code System.nanoTime}
   */
  @Nullable Object call(int methodIndex, @Nullable Object[] arguments, long deadlineNanos)
      throws Throwable;
}
