package dev.limpet.node.home;

import org.jspecify.annotations.Nullable;

/**
 * A turn as the calls that are made in it see it: they inherit its chain and its deadline. Made only when a turn calls
 * out, so that a turn which does not costs nothing here.
 */
public final class Turn {
  private final LiveCopy copy;
  private final Chain chain;
  private final long deadlineNanos;

  Turn(LiveCopy copy, Chain chain, long deadlineNanos) {
    this.copy = copy;
    this.chain = chain;
    this.deadlineNanos = deadlineNanos;
  }

  /** The turn of the current thread, or null outside. */
  public static @Nullable Turn current() {
    TurnThread thread = TurnThread.current();
    LiveCopy copy = thread.copy;
    return copy != null ? copy.turnOn(thread) : thread.inherited;
  }

  /** Runs the work in this thread as if it were still in the turn; for a thread of its own. */
  public void lendTo(Runnable work) {
    TurnThread thread = TurnThread.current();
    thread.inherited = this;
    try {
      work.run();
    } finally {
      thread.inherited = null;
    }
  }

  public Chain chain() {
    return chain;
  }

  public long deadlineNanos() {
    return deadlineNanos;
  }

  /**
   * A call to another process is about to leave: waits until everything that earlier turns of this process changed is
   * saved (rule 11).
   */
  public void beforeCallingOut() {
    copy.awaitSaved(deadlineNanos);
  }
}
