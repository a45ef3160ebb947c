package dev.limpet;

/**
 * The answer was lost: the call may have run. Repeat it with an idempotency key, or look at the state before repeating.
 */
public final class OutcomeUnknown extends LimpetException {
  private static final long serialVersionUID = 1L;

  public OutcomeUnknown(String message) {
    super(ErrorCode.OUTCOME_UNKNOWN, Executed.UNKNOWN, message);
  }
}
