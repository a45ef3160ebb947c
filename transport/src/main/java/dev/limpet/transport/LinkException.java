package dev.limpet.transport;

import java.io.Serial;

/** A request that brought no answer. Says why, and whether the peer may have run it all the same. */
public final class LinkException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Why there is no answer. */
  public enum Reason {
    /** No connection could be made, or the link is backing off after one that could not. Not run. */
    NOT_CONNECTED,
    /** One side refused the other's hello. Not run. */
    HELLO_REFUSED,
    /** Too many bytes or requests wait on this link here, or too many requests at the peer. Not run. */
    BUSY,
    /** The frame would exceed the largest frame. Not run. */
    TOO_LARGE,
    /** The connection ended before the answer came. */
    LOST,
    /** The deadline passed before the answer came. */
    DEADLINE,
    /** The waiting thread was interrupted; its interrupt status is set again. */
    INTERRUPTED,
    /** The peer's handler failed the request; the message is its own. */
    FAILED,
    /** The requests of its {@link Bundle} were given up. */
    GIVEN_UP,
    /** The link or the transport was closed. */
    CLOSED
  }

  private final Reason reason;
  private final boolean mayHaveRun;

  LinkException(Reason reason, boolean mayHaveRun, String message) {
    super(message);
    this.reason = reason;
    this.mayHaveRun = mayHaveRun;
  }

  /** Why there is no answer. */
  public Reason reason() {
    return reason;
  }

  /**
   * False only when the peer certainly did not get the request and never will, so that it is safe to try again, here or
   * elsewhere.
   */
  public boolean mayHaveRun() {
    return mayHaveRun;
  }
}
