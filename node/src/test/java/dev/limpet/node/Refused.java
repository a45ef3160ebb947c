package dev.limpet.node;

/** What a {@link Probe} declares to throw. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;

  Refused(String message) {
    super(message);
  }
}
