package dev.limpet.transport;

/** Where a {@link Link} stands. A hint for display and tests: it may have changed when the caller looks at it. */
public enum LinkState {
  /** No connection; the next request makes one. */
  IDLE,
  /** Connecting or exchanging hellos; requests wait for the outcome. */
  CONNECTING,
  /** Connected, and both sides accepted each other's hello. */
  CONNECTED,
  /** The last attempt failed; requests fail at once until the pause is over. */
  BACKING_OFF,
  /** Closed for good. */
  CLOSED
}
