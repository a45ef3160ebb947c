package dev.limpet.examples;

/** The sum would not fit into 64 bits. */
public final class Overflow extends Exception {
  private static final long serialVersionUID = 1L;

  public Overflow(String message) {
    super(message);
  }

  static long checkedSum(long a, long b) throws Overflow {
    try {
      return Math.addExact(a, b);
    } catch (ArithmeticException e) {
      throw new Overflow(a + " and " + b + " together do not fit into 64 bits");
    }
  }
}
