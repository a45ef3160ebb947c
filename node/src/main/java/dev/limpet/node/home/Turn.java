package dev.limpet.node.home;

import org.jspecify.annotations.Nullable;

/**
 * A turn as the calls that are made in it see it: they inherit its chain and its deadline. Made only when a turn calls
 * out, so that a turn which does not costs nothing here.
 */
/*
 * Which turn a thread is in stands in a thread-local holder that is set and reset around each turn. A scoped value would
 * say the same more strictly; it cost two allocations and about a fifth of a call at home (see docs/decisions/0006).
 */
public final class Turn {
  private static final ThreadLocal<Holder> CURRENT = ThreadLocal.withInitial(Holder::new);

  private final LiveCopy activation;
  private final Chain chain;
  private final long deadlineNanos;

  /** What the current thread is in the middle of. */
  static final class Holder {
    /** The thread whose holder this is, for who wants to know where a turn is. */
    final Thread thread = Thread.currentThread();

    /** The process whose turn runs on this thread. */
    @Nullable LiveCopy activation;

    /** The turn that an asynchronous call came out of, in the thread that makes it. */
    @Nullable Turn inherited;

    /** Whether a call on this thread comes out of a turn. */
    boolean isTaken() {
      return activation != null || inherited != null;
    }
  }

  Turn(LiveCopy activation, Chain chain, long deadlineNanos) {
    this.activation = activation;
    this.chain = chain;
    this.deadlineNanos = deadlineNanos;
  }

  static Holder holder() {
    return CURRENT.get();
  }

  /** The turn of the current thread, or null outside. */
  public static @Nullable Turn current() {
    Holder holder = CURRENT.get();
    LiveCopy activation = holder.activation;
    return activation != null ? activation.turnNow() : holder.inherited;
  }

  /** Runs the work in this thread as if it were still in the turn; for a thread of its own. */
  public void lendTo(Runnable work) {
    Holder holder = CURRENT.get();
    holder.inherited = this;
    try {
      work.run();
    } finally {
      holder.inherited = null;
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
    activation.awaitSaved(deadlineNanos);
  }
}
