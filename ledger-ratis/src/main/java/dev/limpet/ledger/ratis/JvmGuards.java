package dev.limpet.ledger.ratis;

import org.apache.ratis.util.ExitUtils;
import org.jspecify.annotations.Nullable;

/*
 * Ratis takes the JVM for its own: loading ExitUtils replaces the default handler of uncaught exceptions by one that
 * calls System.exit, and a failed bind exits as well. Both are switched off before any other Ratis class is touched,
 * and the handler that was there before is put back.
 */
final class JvmGuards {
  private static boolean applied;

  private JvmGuards() {}

  static synchronized void apply() {
    if (applied) {
      return;
    }
    var handler = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    ExitUtils.setTerminateOnUncaughtException(false);
    Thread.setDefaultUncaughtExceptionHandler(handler);
    applied = true;
  }

  /** Forgets an exit that was handled otherwise. */
  static void forgetExit() {
    ExitUtils.clear();
  }

  /** What Ratis would have exited for, if it wanted to. */
  static @Nullable Throwable wantedExit() {
    return ExitUtils.getFirstExitException();
  }
}
