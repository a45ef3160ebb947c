package dev.limpet.cli.chaos;

import dev.limpet.cli.chaos.Operation.Action;
import dev.limpet.sim.Linearizability;
import dev.limpet.sim.Linearizability.Call;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * Operations of unknown outcome may take place at any time, and each doubles the search. So those that need not have taken
 * place are left out: every written value is unique and an exchange is told what it found, so an unknown write whose value
 * nobody was told can be taken out of any good order, and the order stays good.
 */
/** Whether what the callers of one register were told is linearizable. */
final class RegisterCheck {
  private static final long STEPS_MAX = 20_000_000;

  private RegisterCheck() {}

  /** What cannot be true; empty if all can. A search that takes too long is a finding, too. */
  static List<String> check(List<Operation> operations) {
    return check(operations, STEPS_MAX);
  }

  static List<String> check(List<Operation> operations, long stepsMax) {
    List<Operation> relevant = relevant(operations);
    if (relevant.isEmpty()) {
      return List.of();
    }
    List<Call<Operation>> calls = relevant.stream().map(RegisterCheck::call).toList();
    return switch (Linearizability.check(0L, RegisterCheck::after, calls, stepsMax)) {
      case YES -> List.of();
      case NO ->
          List.of("no order of its " + calls.size() + " operations explains what was answered");
      case UNKNOWN -> List.of("undecided after " + stepsMax + " steps, which counts as wrong");
    };
  }

  private static List<Operation> relevant(List<Operation> operations) {
    Set<Long> told =
        operations.stream()
            .filter(operation -> operation.done() && operation.action() != Action.WRITE)
            .map(Operation::result)
            .collect(Collectors.toSet());
    return operations.stream()
        .filter(operation ->
            operation.done()
                || (operation.mayHaveRun()
                    && operation.action() != Action.READ
                    && told.contains(operation.argument())))
        .toList();
  }

  private static Call<Operation> call(Operation operation) {
    long answered = operation.done() ? operation.returnedNanos() : Linearizability.NEVER;
    return new Call<>(operation.invokedNanos(), answered, operation);
  }

  /** The value after an operation; null if a register of that value would not have answered so. */
  private static @Nullable Long after(Long value, Operation operation) {
    boolean right = !operation.done() || operation.result() == value;
    return switch (operation.action()) {
      case WRITE -> (Long) operation.argument();
      case READ -> right ? value : null;
      case EXCHANGE -> right ? exchanged(value, operation) : null;
      case ADD, GET, TRY_ACQUIRE ->
          throw new IllegalArgumentException("a register has no " + operation.action());
    };
  }

  private static Long exchanged(Long value, Operation operation) {
    return value == operation.expected() ? (Long) operation.argument() : value;
  }
}
