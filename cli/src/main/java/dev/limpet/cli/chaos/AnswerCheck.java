package dev.limpet.cli.chaos;

import java.util.List;
import java.util.regex.Pattern;

/** Whether each failure was one that a fault explains: never a failure of the process, or of the request. */
final class AnswerCheck {
  /** Codes of wrong requests, of wrong processes, of clusters that cannot start, and of misused idempotency keys. */
  private static final Pattern UNEXPLAINED =
      Pattern.compile("(LMP-([134]|200[67])|HTTP status (4|500)).*", Pattern.DOTALL);

  private AnswerCheck() {}

  /** What cannot be, one line each; empty if all can. */
  static List<String> check(List<Operation> operations) {
    return operations.stream()
        .filter(operation -> UNEXPLAINED.matcher(operation.why()).matches())
        .map(operation -> "an answer that no fault explains: " + operation.why())
        .distinct()
        .toList();
  }
}
