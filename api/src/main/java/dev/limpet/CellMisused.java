package dev.limpet;

/** A cell was touched outside a turn, written by a {@link Reads} method, or given a value that it cannot hold. */
public final class CellMisused extends LimpetException {
  private static final long serialVersionUID = 1L;

  public CellMisused(ErrorCode code, String message) {
    super(code, Executed.NO, message);
  }
}
