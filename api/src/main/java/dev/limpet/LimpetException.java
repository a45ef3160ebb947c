package dev.limpet;

/**
 * The family of Limpet's own errors. What a process declares to throw arrives as itself and is no part of it.
 *
 * <p>Each carries a {@linkplain ErrorCode code} with a page in {@code docs/errors}, and says whether the call may have
 * {@linkplain Executed run}.
 */
public abstract sealed class LimpetException extends RuntimeException
    permits CallRefused,
        Unavailable,
        DeadlinePassed,
        OutcomeUnknown,
        ProcessFailed,
        CellMisused,
        StartFailed {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final Executed executed;

  LimpetException(ErrorCode code, Executed executed, String message) {
    super(message);
    this.code = code;
    this.executed = executed;
  }

  public final ErrorCode code() {
    return code;
  }

  public final Executed executed() {
    return executed;
  }

  /** The error of that code, as it is rebuilt on the caller's node. */
  public static LimpetException of(ErrorCode code, Executed executed, String message) {
    return switch (code) {
      case MALFORMED_REQUEST,
          INVALID_KEY,
          INVALID_ARGUMENT,
          UNKNOWN_TYPE,
          UNKNOWN_METHOD,
          TOO_LARGE,
          UNKNOWN_PATH,
          UNSUPPORTED_METHOD,
          NODE_UNFIT,
          NOT_PINNED,
          TOO_MANY_PINS,
          OVERLOADED,
          CALL_CYCLE,
          KEY_REUSED,
          KEYS_FULL ->
          new CallRefused(code, message);
      case NO_QUORUM, NO_HOME, NO_ROLE, CLOSED, STORE_UNAVAILABLE, HELD_BACK ->
          new Unavailable(code, executed, message);
      case DEADLINE_PASSED -> new DeadlinePassed(executed, message);
      case OUTCOME_UNKNOWN -> new OutcomeUnknown(message);
      case PROCESS_FAILED, ACTIVATION_FAILED, DECLARED_EXCEPTION ->
          new ProcessFailed(code, executed, message);
      case CELL_MISUSED, STATE_TOO_LARGE -> new CellMisused(code, message);
      case INVALID_INTERFACE,
          INVALID_SETTING,
          PORT_IN_USE,
          DATA_IN_USE,
          DATA_FOREIGN,
          TYPES_DIFFER,
          FORMING_BLOCKED,
          ENGINE_MISSING,
          NODE_HALTED,
          NOT_SECURED,
          TLS_UNUSABLE,
          DISK_UNWRITABLE ->
          new StartFailed(code, message);
    };
  }

  /** {@code LMP-2004 no home yet: …}. */
  @Override
  public String toString() {
    return code.code() + " " + code.title() + ": " + getMessage();
  }
}
