package dev.limpet.cli.load;

/** What a caller knows of a call when it is over. */
public sealed interface CallOutcome {
  /**
   * It ran and is saved.
   *
   * @param result as JSON
   * @param home the node that served it
   * @param epoch under which it did
   */
  record Done(String result, String home, long epoch) implements CallOutcome {}

  /** It certainly did not run. */
  record NotRun(String why) implements CallOutcome {}

  /** It may have run, or not. */
  record Unknown(String why) implements CallOutcome {}
}
