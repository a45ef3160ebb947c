package dev.limpet;

/** The call was refused before it ran: malformed, unknown, too large, overloaded, or part of a cycle of calls. */
public final class CallRefused extends LimpetException {
  private static final long serialVersionUID = 1L;

  public CallRefused(ErrorCode code, String message) {
    super(code, Executed.NO, message);
  }
}
