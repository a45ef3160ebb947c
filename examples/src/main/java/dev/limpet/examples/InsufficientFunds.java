package dev.limpet.examples;

/** The wallet does not hold as much as was to be withdrawn. */
public final class InsufficientFunds extends Exception {
  private static final long serialVersionUID = 1L;

  public InsufficientFunds(String message) {
    super(message);
  }
}
