package dev.limpet;

/**
 * Every error that Limpet answers with. The code is stable and has a page of its own in {@code docs/errors}; the status
 * is what the HTTP edge answers with.
 */
public enum ErrorCode {
  MALFORMED_REQUEST("LMP-1000", 400, "malformed request"),
  INVALID_KEY("LMP-1001", 400, "invalid key"),
  INVALID_ARGUMENT("LMP-1002", 400, "invalid argument"),
  UNKNOWN_TYPE("LMP-1003", 404, "unknown type"),
  UNKNOWN_METHOD("LMP-1004", 404, "unknown method"),
  TOO_LARGE("LMP-1005", 413, "too large"),
  UNKNOWN_PATH("LMP-1006", 404, "no such path"),
  UNSUPPORTED_METHOD("LMP-1007", 405, "HTTP method not allowed"),
  NODE_UNFIT("LMP-1020", 409, "the node takes no process"),
  NOT_PINNED("LMP-1021", 409, "not pinned"),
  TOO_MANY_PINS("LMP-1022", 429, "too many pins"),

  DEADLINE_PASSED("LMP-2001", 504, "deadline passed"),
  OUTCOME_UNKNOWN("LMP-2002", 503, "outcome unknown"),
  NO_QUORUM("LMP-2003", 503, "no quorum"),
  NO_HOME("LMP-2004", 503, "no home yet"),
  OVERLOADED("LMP-2005", 429, "overloaded"),
  CALL_CYCLE("LMP-2006", 500, "call cycle"),
  KEY_REUSED("LMP-2007", 409, "idempotency key used for another call"),
  KEYS_FULL("LMP-2008", 429, "too many idempotency keys"),
  CLOSED("LMP-2009", 503, "node is closing"),
  STORE_UNAVAILABLE("LMP-2010", 503, "store unavailable"),
  NO_ROLE("LMP-2011", 503, "no node with the role"),

  PROCESS_FAILED("LMP-3001", 500, "the process failed"),
  ACTIVATION_FAILED("LMP-3002", 500, "the process could not be activated"),
  CELL_MISUSED("LMP-3003", 500, "a cell was misused"),
  STATE_TOO_LARGE("LMP-3004", 500, "state too large"),
  DECLARED_EXCEPTION("LMP-3005", 422, "refused by the process"),
  HELD_BACK("LMP-3006", 503, "the process is held back"),

  INVALID_INTERFACE("LMP-4001", 500, "the interface cannot be hosted"),
  INVALID_SETTING("LMP-4002", 500, "invalid setting"),
  PORT_IN_USE("LMP-4003", 500, "port in use"),
  DATA_IN_USE("LMP-4004", 500, "data directory in use"),
  DATA_FOREIGN("LMP-4005", 500, "data directory of another cluster or node"),
  TYPES_DIFFER("LMP-4006", 500, "hosted types differ from the cluster's"),
  FORMING_BLOCKED("LMP-4007", 503, "the cluster is not formed"),
  ENGINE_MISSING("LMP-4008", 500, "a part of Limpet is missing"),
  NODE_HALTED("LMP-4009", 500, "the node halted"),
  NOT_SECURED("LMP-4010", 500, "an address beyond this machine without TLS"),
  TLS_UNUSABLE("LMP-4011", 500, "the TLS files cannot be used"),
  DISK_UNWRITABLE("LMP-4012", 500, "the disk cannot be written");

  private final String code;
  private final int status;
  private final String title;

  ErrorCode(String code, int status, String title) {
    this.code = code;
    this.status = status;
    this.title = title;
  }

  /** {@code LMP-} and four digits. */
  public String code() {
    return code;
  }

  /** The HTTP status of an answer with this code. */
  public int status() {
    return status;
  }

  /** A few words, the same for every error of this code. */
  public String title() {
    return title;
  }
}
