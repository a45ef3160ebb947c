package dev.limpet;

/** The call's deadline passed before an answer came; a turn that had begun runs on to its end. */
public final class DeadlinePassed extends LimpetException {
  private static final long serialVersionUID = 1L;

  public DeadlinePassed(Executed executed, String message) {
    super(ErrorCode.DEADLINE_PASSED, executed, message);
  }
}
