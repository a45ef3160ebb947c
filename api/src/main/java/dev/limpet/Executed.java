package dev.limpet;

/** What is known of a call that failed. */
public enum Executed {
  /** The call changed nothing and never will: it is safe to repeat. */
  NO,
  /** The call may have run, or may still run; repeat it only with the same idempotency key, or if that does no harm. */
  UNKNOWN;

  /** {@code no} or {@code unknown}, as in the HTTP answers. */
  public String wire() {
    return this == NO ? "no" : "unknown";
  }
}
