package dev.limpet.node.home;

import dev.limpet.CallRefused;
import dev.limpet.CellMisused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessFailed;
import dev.limpet.Unavailable;
import dev.limpet.core.supervise.LogLimit.Verdict;
import dev.limpet.values.StickyMethod;
import java.lang.System.Logger.Level;

/** What callers are told when a process throws what its method does not declare. */
final class Failures {
  private static final int BRIEF_CHARS_MAX = 500;

  private Failures() {}

  /** The refusal for a turn that threw; a bug in the process is logged under an incident's number. */
  static LimpetException ofTurn(LiveCopy copy, StickyMethod method, Throwable e) {
    String call = copy.id + "." + method.name();
    return switch (e) {
      case Unavailable u -> new Unavailable(u.code(), Executed.UNKNOWN, nested(call, u));
      case DeadlinePassed d -> new DeadlinePassed(Executed.UNKNOWN, nested(call, d));
      case OutcomeUnknown u -> new OutcomeUnknown(nested(call, u));
      case CellMisused c -> c;
      case LimpetException l
          when l.code() == ErrorCode.CALL_CYCLE || l.code() == ErrorCode.OVERLOADED ->
          l;
      default ->
          new ProcessFailed(
              ErrorCode.PROCESS_FAILED,
              Executed.NO,
              call
                  + " threw "
                  + e.getClass().getName()
                  + ", which it does not declare; the state is unchanged. Incident "
                  + incident(copy, call + " threw; nothing changed", e));
    };
  }

  /** The refusal for a process that cannot be constructed, logged likewise. */
  static LimpetException ofActivation(LiveCopy copy, Throwable e) {
    return new ProcessFailed(
        ErrorCode.ACTIVATION_FAILED,
        Executed.NO,
        copy.id
            + " could not be activated: "
            + brief(e)
            + ". Its saved state is untouched. Incident "
            + incident(copy, copy.id + " could not be activated", e));
  }

  /** Whether a refusal stands for a fault of the process itself, to be shown to who inspects it. */
  static boolean isOwn(LimpetException refusal) {
    return refusal instanceof CellMisused || refusal instanceof ProcessFailed;
  }

  /** Whether what was thrown tells of something else that the process called: making it anew would cure nothing. */
  static boolean isOfOthers(Throwable thrown) {
    return switch (thrown) {
      case Unavailable ignored -> true;
      case DeadlinePassed ignored -> true;
      case OutcomeUnknown ignored -> true;
      case ProcessFailed ignored -> true;
      case CallRefused refused -> refused.code() == ErrorCode.OVERLOADED;
      default -> false;
    };
  }

  /** An exception in one line of bounded length, whatever its own code does when it is asked for one. */
  static String brief(Throwable e) {
    String text;
    try {
      text = String.valueOf(e);
    } catch (RuntimeException | StackOverflowError broken) {
      text = e.getClass().getName() + ", which has no text: " + broken.getClass().getName();
    }
    String line = text.replaceAll("\\s*\\R\\s*", " | ");
    return line.length() <= BRIEF_CHARS_MAX ? line : line.substring(0, BRIEF_CHARS_MAX) + "…";
  }

  private static String nested(String call, LimpetException e) {
    return "a call that " + call + " made failed: " + e.getMessage();
  }

  /** Its number; logged with the stack, unless the same was logged moments ago. */
  private static String incident(LiveCopy copy, String what, Throwable e) {
    Services services = copy.own.services();
    Verdict verdict =
        services.supervision().incident(what + ' ' + e.getClass().getName(), services.pauseNanos());
    if (verdict.log()) {
      String before =
          verdict.unlogged() == 0
              ? ""
              : " (" + verdict.unlogged() + " more like it were not logged)";
      copy.type
          .logger()
          .log(Level.ERROR, () -> "incident " + verdict.number() + ": " + what + before, e);
    }
    return verdict.number();
  }
}
