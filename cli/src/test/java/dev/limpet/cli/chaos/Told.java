package dev.limpet.cli.chaos;

import dev.limpet.cli.chaos.Operation.Action;
import dev.limpet.cli.chaos.Operation.Outcome;

/** Operations for tests: who was told what, from when to when. */
final class Told {
  private Told() {}

  static Operation done(long from, long to, Action action, long argument, long result) {
    return operation(from, to, action, argument, 0, "", Outcome.DONE, result, "n1", 1);
  }

  static Operation exchange(long from, long to, long expected, long next, long found) {
    return operation(from, to, Action.EXCHANGE, next, expected, "", Outcome.DONE, found, "n1", 1);
  }

  static Operation unknown(long from, long to, Action action, long argument) {
    return operation(from, to, action, argument, 0, "", Outcome.UNKNOWN, 0, "", 0);
  }

  static Operation notRun(long from, long to, Action action, long argument) {
    return operation(from, to, action, argument, 0, "", Outcome.NOT_RUN, 0, "", 0);
  }

  static Operation once(long from, long to, String once, Outcome outcome, long result) {
    return operation(from, to, Action.ADD, 1, 0, once, outcome, result, "n1", 1);
  }

  static Operation under(long from, long to, String home, long epoch) {
    return operation(from, to, Action.GET, 0, 0, "", Outcome.DONE, 0, home, epoch);
  }

  private static Operation operation(
      long from,
      long to,
      Action action,
      long argument,
      long expected,
      String once,
      Outcome outcome,
      long result,
      String home,
      long epoch) {
    return new Operation(
        "some/key",
        action,
        argument,
        expected,
        once,
        from,
        to,
        outcome,
        result,
        "a:1",
        home,
        epoch,
        outcome == Outcome.DONE ? "" : "LMP-2003 no majority");
  }
}
