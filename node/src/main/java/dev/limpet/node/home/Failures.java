package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessFailed;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.values.StickyMethod;
import java.lang.System.Logger.Level;
import java.util.UUID;

/** What callers are told when a process throws what its method does not declare. */
final class Failures {
  private Failures() {}

  /** The refusal for a turn that threw; a bug in the process is logged under an incident's number. */
  static LimpetException ofTurn(ProcessId id, HostedType type, StickyMethod method, Throwable e) {
    return switch (e) {
      case Unavailable u -> new Unavailable(u.code(), Executed.UNKNOWN, nested(id, method, u));
      case DeadlinePassed d -> new DeadlinePassed(Executed.UNKNOWN, nested(id, method, d));
      case OutcomeUnknown u -> new OutcomeUnknown(nested(id, method, u));
      case CellMisused c -> c;
      case LimpetException l
          when l.code() == ErrorCode.CALL_CYCLE || l.code() == ErrorCode.OVERLOADED ->
          l;
      default ->
          new ProcessFailed(
              ErrorCode.PROCESS_FAILED,
              Executed.NO,
              id
                  + "."
                  + method.name()
                  + " threw "
                  + e.getClass().getName()
                  + ", which it does not declare; the state is unchanged. Incident "
                  + incident(type, id + "." + method.name() + " threw; nothing changed", e));
    };
  }

  /** The refusal for a process that cannot be constructed, logged likewise. */
  static LimpetException ofActivation(ProcessId id, HostedType type, Throwable e) {
    return new ProcessFailed(
        ErrorCode.ACTIVATION_FAILED,
        Executed.NO,
        id
            + " could not be activated: "
            + e
            + ". Its saved state is untouched. Incident "
            + incident(type, id + " could not be activated", e));
  }

  /** Whether a refusal stands for a fault of the process itself, to be shown to who inspects it. */
  static boolean isOwn(LimpetException refusal) {
    return refusal instanceof CellMisused || refusal instanceof ProcessFailed;
  }

  private static String nested(ProcessId id, StickyMethod method, LimpetException e) {
    return "a call that " + id + "." + method.name() + " made failed: " + e.getMessage();
  }

  private static String incident(HostedType type, String what, Throwable e) {
    String incident = UUID.randomUUID().toString();
    type.logger().log(Level.ERROR, () -> "incident " + incident + ": " + what, e);
    return incident;
  }
}
