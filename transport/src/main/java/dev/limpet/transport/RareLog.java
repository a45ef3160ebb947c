package dev.limpet.transport;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Logs each reason once a minute for each remote address, and eight reasons at most, so that a flood of bad connections
 * floods no log. Reasons that differ in numbers alone are the same.
 */
final class RareLog {
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int ADDRESSES_MAX = 1024;
  private static final int REASONS_MAX = 8;

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private final Logger logger;
  private final Map<InetAddress, Said> recent =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Said> eldest) {
          return size() > ADDRESSES_MAX;
        }
      };

  /** What was logged about one address within a minute. */
  private record Said(long sinceNanos, Set<String> reasons) {}

  RareLog(Logger logger) {
    this.logger = logger;
  }

  /** Logs, unless the same about that address, or much else, was logged within the minute. True when it did. */
  boolean warn(InetAddress about, String message, long nowNanos) {
    return warn(about, NUMBER.matcher(message).replaceAll("#"), message, nowNanos);
  }

  /** The same, where messages of one kind are one reason, whatever they say. */
  boolean warn(InetAddress about, String reason, String message, long nowNanos) {
    synchronized (recent) {
      Said said = recent.get(about);
      if (said == null || nowNanos - said.sinceNanos >= QUIET_NANOS) {
        recent.remove(about);
        said = new Said(nowNanos, new HashSet<>());
        recent.put(about, said);
      }
      if (said.reasons.size() >= REASONS_MAX || !said.reasons.add(reason)) {
        return false;
      }
    }
    logger.log(Level.WARNING, message);
    return true;
  }
}
