package dev.limpet.cli.console;

/** A command cannot do what it was asked to. Shown as one line; the message says what happened and what to do. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Exit code: the command was asked for in a wrong way. */
  public static final int USAGE = 2;

  /** Exit code: it was asked for well, and failed. */
  public static final int FAILED = 1;

  private final int exitCode;

  private Refusal(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public static Refusal usage(String message) {
    return new Refusal(USAGE, message);
  }

  public static Refusal failed(String message) {
    return new Refusal(FAILED, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
