package dev.limpet.cli.load;

/** What a caller knows of a call when it is over. */
public sealed interface CallOutcome {
  /** It ran and is saved; the result as JSON. */
  record Done(String result) implements CallOutcome {}

  /** It certainly did not run. */
  record NotRun(String why) implements CallOutcome {}

  /** It may have run, or not. */
  record Unknown(String why) implements CallOutcome {}
}
