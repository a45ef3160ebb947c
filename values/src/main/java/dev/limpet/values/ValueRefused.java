package dev.limpet.values;

/**
 * A value, or bytes that should be one, do not fit their type. Whoever asked turns it into the error of the place: a
 * refused argument, a failed process, a cell misused.
 */
public final class ValueRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int PATH_CHARS_MAX = 500;

  private final String path;
  private final String reason;
  private final boolean tooLarge;

  /** A refusal of the value itself; {@code reason} goes on after its path: {@code is 7, expected …}. */
  public ValueRefused(String reason) {
    this("", reason, false);
  }

  private ValueRefused(String path, String reason, boolean tooLarge) {
    super(path.isEmpty() ? reason : path + " " + reason, null, false, false);
    this.path = path;
    this.reason = reason;
    this.tooLarge = tooLarge;
  }

  /** A refusal for breaking a bound on size. */
  public static ValueRefused tooLarge(String reason) {
    return new ValueRefused("", reason, true);
  }

  /** The same refusal, seen from one step further out: {@code .cents}, {@code [3]} or a name. */
  public ValueRefused in(String step) {
    return path.length() > PATH_CHARS_MAX ? this : new ValueRefused(step + path, reason, tooLarge);
  }

  /** Where in the value, such as {@code arguments.order.lines[3].cents}; empty for the value itself. */
  public String path() {
    return path;
  }

  /** What is wrong, without the path. */
  public String reason() {
    return reason;
  }

  /** Whether the value breaks a bound on its size rather than its type. */
  public boolean isTooLarge() {
    return tooLarge;
  }
}
