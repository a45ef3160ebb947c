package dev.limpet;

/**
 * No node may serve this process at the moment: no quorum, no home yet, the store is away, the node is closing, or the
 * process could not be activated and the pause before the next attempt is not over.
 */
public final class Unavailable extends LimpetException {
  private static final long serialVersionUID = 1L;

  public Unavailable(ErrorCode code, Executed executed, String message) {
    super(code, executed, message);
  }
}
