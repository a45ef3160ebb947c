package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/**
 * A process in this node's memory, as a stub that calls it again and again remembers it. It may end at any time; what
 * remembers it then keeps next to nothing alive. Thread-safe.
 */
public interface NearProcess {
  /**
   * An argument for the process: itself if it is deeply immutable, else a copy.
   *
   * @throws dev.limpet.CallRefused if it is not a value of its type
   */
  @Nullable Object argument(int methodIndex, int place, @Nullable Object value);

  /**
   * Begins a turn on this thread at once, if the thread is in no turn, nobody else is using the process, and it may be
   * used: shard, lease, epoch. The caller then calls the method of {@link NearTurn#process} and ends the turn, whatever
   * happens, by one of {@link NearTurn#end} and {@link NearTurn#fail}.
   *
   * @param timeoutNanos the call's deadline, from now
   * @return null if the call is to be made the long way
   */
  @Nullable NearTurn begin(int methodIndex, long timeoutNanos);

  /** Whether no turn will ever begin here again. */
  boolean isOver();
}
