package dev.limpet;

/** The node could not be started, or had to stop; the message says what to change. */
public final class StartFailed extends LimpetException {
  private static final long serialVersionUID = 1L;

  public StartFailed(ErrorCode code, String message) {
    super(code, Executed.NO, message);
  }
}
