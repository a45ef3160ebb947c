package dev.limpet.transport;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Logs at most one line a minute about each remote address, so that a flood of bad connections floods no log. */
final class RareLog {
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int ADDRESSES_MAX = 1024;

  private final Logger logger;
  private final Map<InetAddress, Long> loggedAt =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Long> eldest) {
          return size() > ADDRESSES_MAX;
        }
      };

  RareLog(Logger logger) {
    this.logger = logger;
  }

  /** Logs, unless something about that address was logged within the last minute. True when it did. */
  boolean warn(InetAddress about, String message, long nowNanos) {
    synchronized (loggedAt) {
      Long last = loggedAt.get(about);
      if (last != null && nowNanos - last < QUIET_NANOS) {
        return false;
      }
      loggedAt.remove(about);
      loggedAt.put(about, nowNanos);
    }
    logger.log(Level.WARNING, message);
    return true;
  }
}
