package dev.limpet.node.home;

import dev.limpet.ErrorCode;
import java.lang.System.Logger.Level;

/** How a node that cannot keep its promises stops: at once, so that others may take over, and with a reason. */
public final class Halt {
  /** The exit code of a node that halted. */
  public static final int EXIT_CODE = 3;

  private static final System.Logger LOG = System.getLogger(Halt.class.getName());

  private Halt() {}

  /** Does not return. No shutdown hook runs: nothing more may leave this process. */
  public static void now(String what, Throwable cause) {
    now(ErrorCode.NODE_HALTED, what, cause);
  }

  /** The same, for a reason that has a code of its own. */
  public static void now(ErrorCode code, String what, Throwable cause) {
    LOG.log(Level.ERROR, code.code() + " this node halts: " + what, cause);
    System.err.println("limpet: " + code.code() + " this node halts: " + what + ": " + cause);
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
