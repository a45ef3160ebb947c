package dev.limpet.node.home;

import org.jspecify.annotations.Nullable;

/** The turn that the current thread is in; calls out of it inherit its chain and its deadline. */
public final class Turn {
  /** Bound while a turn runs, and in threads that it starts for asynchronous calls. */
  public static final ScopedValue<Turn> CURRENT = ScopedValue.newInstance();

  private final Activation activation;
  private final Chain chain;
  private final long deadlineNanos;
  private volatile boolean calledOut;

  Turn(Activation activation, Chain chain, long deadlineNanos) {
    this.activation = activation;
    this.chain = chain;
    this.deadlineNanos = deadlineNanos;
  }

  /** The turn of the current thread, or null outside. */
  public static @Nullable Turn current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  public Chain chain() {
    return chain;
  }

  public long deadlineNanos() {
    return deadlineNanos;
  }

  /**
   * A call to another process is about to leave: waits until everything that earlier turns of this process changed is
   * saved (rule 11). From here on the turn has effects elsewhere, so it is never run again by itself.
   */
  public void beforeCallingOut() {
    activation.awaitSaved(deadlineNanos);
    calledOut = true;
  }

  boolean calledOut() {
    return calledOut;
  }
}
