package dev.limpet.values;

/** A Java type that cannot travel; becomes a {@link dev.limpet.StartFailed} that names the method or cell. */
final class NotAValue extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  NotAValue(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** Why it cannot, and what to do. */
  String reason() {
    return reason;
  }

  NotAValue in(String where) {
    return new NotAValue(where + ": " + reason);
  }
}
