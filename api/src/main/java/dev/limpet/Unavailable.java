package dev.limpet;

/** No node may serve this process at the moment: no quorum, no home yet, the store is away, or the node is closing. */
public final class Unavailable extends LimpetException {
  private static final long serialVersionUID = 1L;

  public Unavailable(ErrorCode code, Executed executed, String message) {
    super(code, executed, message);
  }
}
