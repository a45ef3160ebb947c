package dev.limpet.cli.chaos;

import java.util.Locale;

/**
 * One call, and what its caller knows of it when it is over. Times are nanoseconds since the run began, of one clock.
 *
 * @param key type and key of the process, like {@code counter/c-1}
 * @param argument of an add, a write, an acquisition; the new value of an exchange
 * @param expected of an exchange, else 0
 * @param once its idempotency key; empty for none
 * @param returnedNanos when the caller was answered, or gave up
 * @param result a value; of an acquisition what remains, or -1 if it was denied; 0 unless the outcome is {@code DONE}
 * @param asked the address of the node that was asked
 * @param home the node that served it, empty if not known
 * @param epoch the epoch that it was served under, 0 if not known
 * @param why why it is not {@code DONE}, else empty
 */
record Operation(
    String key,
    Action action,
    long argument,
    long expected,
    String once,
    long invokedNanos,
    long returnedNanos,
    Outcome outcome,
    long result,
    String asked,
    String home,
    long epoch,
    String why) {

  /** What was asked for. */
  enum Action {
    ADD,
    GET,
    WRITE,
    READ,
    EXCHANGE,
    TRY_ACQUIRE;

    /** The name of the method. */
    String method() {
      return this == TRY_ACQUIRE ? "tryAcquire" : name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the caller knows. */
  enum Outcome {
    /** It ran once, and is saved. */
    DONE,
    /** It did not run, and never will. */
    NOT_RUN,
    /** It may have run, or not, or may still run. */
    UNKNOWN
  }

  /** A call that has just begun. */
  static Operation begun(
      String key,
      Action action,
      long argument,
      long expected,
      String once,
      long invokedNanos,
      String asked) {
    return new Operation(
        key,
        action,
        argument,
        expected,
        once,
        invokedNanos,
        Long.MAX_VALUE,
        Outcome.UNKNOWN,
        0,
        asked,
        "",
        0,
        "");
  }

  /** The same, answered. */
  Operation done(long atNanos, long answer, String by, long under) {
    return ended(atNanos, Outcome.DONE, answer, by, under, "");
  }

  /** The same, not answered. */
  Operation failed(long atNanos, Outcome known, String reason) {
    return ended(atNanos, known, 0, "", 0, reason);
  }

  private Operation ended(
      long atNanos, Outcome known, long answer, String by, long under, String reason) {
    return new Operation(
        key,
        action,
        argument,
        expected,
        once,
        invokedNanos,
        atNanos,
        known,
        answer,
        asked,
        by,
        under,
        reason);
  }

  boolean done() {
    return outcome == Outcome.DONE;
  }

  /** Whether it may have changed something, for all that its caller knows. */
  boolean mayHaveRun() {
    return outcome != Outcome.NOT_RUN;
  }

  /** Whether it was over before another one began. */
  boolean before(Operation other) {
    return returnedNanos < other.invokedNanos;
  }
}
