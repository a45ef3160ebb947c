package dev.limpet.cli.console;

import java.util.HashMap;
import java.util.Map;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Keeps a log readable while something fails hundreds of times a second, as an engine's connection to a node that is cut
 * off does: of each logger and level it lets ten lines through in ten seconds, and the first one after that says how many
 * were left out. Limpet's own lines, which limit themselves, all pass.
 */
public final class LogFlood implements Filter {
  static final int LINES_MAX = 10;
  static final long WINDOW_MILLIS = 10_000;

  private static final String OWN = "dev.limpet";

  private final Map<Source, Window> windows = new HashMap<>();

  private record Source(String logger, Level level) {}

  private record Window(long beganMillis, int lines) {}

  @Override
  public boolean isLoggable(LogRecord line) {
    String logger = line.getLoggerName();
    if (logger == null || logger.startsWith(OWN)) {
      return true;
    }
    int leftOut = countedAndLeftOutBefore(new Source(logger, line.getLevel()), line.getMillis());
    if (leftOut > 0) {
      line.setMessage(
          "(%d lines of this logger were left out) %s".formatted(leftOut, line.getMessage()));
    }
    return leftOut >= 0;
  }

  /** How many lines were left out before this one; -1 if it is to be left out itself. */
  private synchronized int countedAndLeftOutBefore(Source source, long nowMillis) {
    Window window = windows.get(source);
    if (window == null
        || nowMillis - window.beganMillis >= WINDOW_MILLIS
        || nowMillis < window.beganMillis) {
      windows.put(source, new Window(nowMillis, 1));
      return window == null ? 0 : Math.max(0, window.lines - LINES_MAX);
    }
    windows.put(source, new Window(window.beganMillis, window.lines + 1));
    return window.lines < LINES_MAX ? 0 : -1;
  }
}
