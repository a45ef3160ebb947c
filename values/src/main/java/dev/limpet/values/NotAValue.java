package dev.limpet.values;

/** A Java type that cannot travel; becomes a {@link dev.limpet.StartFailed} that names the method or cell. */
final class NotAValue extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotAValue(String message) {
    super(message, null, false, false);
  }

  NotAValue in(String where) {
    return new NotAValue(where + ": " + getMessage());
  }
}
