package dev.limpet;

/**
 * The process threw something that its interface does not declare, or could not be activated. The turn changed nothing.
 * The message names the incident that the home's log explains.
 */
public final class ProcessFailed extends LimpetException {
  private static final long serialVersionUID = 1L;

  public ProcessFailed(ErrorCode code, Executed executed, String message) {
    super(code, executed, message);
  }
}
