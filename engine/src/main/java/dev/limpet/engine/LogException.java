package dev.limpet.engine;

/** An append that brought no answer. */
public class LogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean mayHaveRun;

  public LogException(String message, boolean mayHaveRun) {
    super(message);
    this.mayHaveRun = mayHaveRun;
  }

  public LogException(String message, boolean mayHaveRun, Throwable cause) {
    super(message, cause);
    this.mayHaveRun = mayHaveRun;
  }

  /** False only when the entry was certainly not appended and never will be. */
  public boolean mayHaveRun() {
    return mayHaveRun;
  }
}
