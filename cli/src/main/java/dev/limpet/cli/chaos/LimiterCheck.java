package dev.limpet.cli.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether what the callers of one limiter were told can be true of one limiter, within one window. */
final class LimiterCheck {
  /** What the example application allows in a window. */
  static final long PERMITS = 100;

  private LimiterCheck() {}

  /** What cannot be true, one line each; empty if all can. */
  static List<String> check(List<Operation> operations) {
    List<String> findings = new ArrayList<>();
    long allowed =
        operations.stream().filter(LimiterCheck::allowed).mapToLong(Operation::argument).sum();
    if (allowed > PERMITS) {
      findings.add(allowed + " permits were given, of " + PERMITS);
    }
    Map<Long, Operation> taken = new HashMap<>();
    for (Operation operation : operations) {
      if (allowed(operation)) {
        for (long i = 0; i < operation.argument(); i++) {
          if (taken.put(operation.result() + i, operation) != null) {
            findings.add("permit " + (operation.result() + i) + " was given twice");
          }
        }
      } else if (operation.done()) {
        denied(operation, operations, findings);
      }
    }
    return findings;
  }

  /** A denial needs others who have taken, or may have taken, what it asked for. */
  private static void denied(Operation denied, List<Operation> operations, List<String> findings) {
    long most =
        operations.stream()
            .filter(other -> other != denied && !(other.done() && !allowed(other)))
            .filter(Operation::mayHaveRun)
            .filter(other -> other.invokedNanos() < denied.returnedNanos())
            .mapToLong(Operation::argument)
            .sum();
    if (most + denied.argument() <= PERMITS) {
      findings.add(
          denied.argument() + " permits were denied, though at most " + most + " were taken");
    }
  }

  private static boolean allowed(Operation operation) {
    return operation.done() && operation.result() >= 0;
  }
}
