package dev.limpet.examples;

/** The amount is not one that can be paid in, paid out or asked for. */
public final class InvalidAmount extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidAmount(String message) {
    super(message);
  }

  static void unlessPositive(String name, long value) throws InvalidAmount {
    if (value <= 0) {
      throw new InvalidAmount(name + " must be more than 0, got " + value);
    }
  }
}
