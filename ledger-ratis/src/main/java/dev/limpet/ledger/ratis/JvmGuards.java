package dev.limpet.ledger.ratis;

import java.io.IOException;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
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

  /** Ratis' protobuf cannot be loaded where Unsafe is denied; without this look the first election would die of it. */
  static void requireUnsafe() throws IOException {
    try {
      CodedOutputStream.newInstance(new byte[1]).flush();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new IOException(
          "Ratis cannot run in this JVM: start it with --sun-misc-unsafe-memory-access=allow", e);
    }
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
