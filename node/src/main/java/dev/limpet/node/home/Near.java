package dev.limpet.node.home;

import dev.limpet.values.NearTurn;
import org.jspecify.annotations.Nullable;

/**
 * A process in this node's memory, as a reference that calls it again and again remembers it. It may end at any time;
 * what remembers it then keeps next to nothing alive. Thread-safe.
 */
public sealed interface Near permits Activation {
  /**
   * Begins a turn on this thread at once, if the thread is in no turn, nobody else is using the process, and it may be
   * used: shard, lease, epoch.
   *
   * @param timeoutNanos the call's deadline, from now
   * @return null if the call is to be made the long way
   */
  @Nullable NearTurn begin(int methodIndex, long timeoutNanos);

  /** Whether no turn will ever begin here again. */
  boolean isOver();
}
