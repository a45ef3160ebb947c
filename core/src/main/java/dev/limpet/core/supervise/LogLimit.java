package dev.limpet.core.supervise;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Keeps a fault that happens again and again from filling the log: it is logged once in a while under a number, and what
 * comes in between goes by the same number and is counted. Of finitely many faults; the one logged longest ago is forgotten.
 */
public final class LogLimit {
  private final long everyNanos;
  private final int faultsMax;

  /** By fault, the one logged longest ago first. */
  private final Map<String, Logged> byFault = new LinkedHashMap<>();

  private static final class Logged {
    final String number;
    final long at;
    long since;

    Logged(String number, long at) {
      this.number = number;
      this.at = at;
    }
  }

  public LogLimit(long everyNanos, int faultsMax) {
    this.everyNanos = everyNanos;
    this.faultsMax = faultsMax;
  }

  /**
   * What to do about one occurrence.
   *
   * @param number what it goes by
   * @param log whether to log it
   * @param unlogged how many like it went unlogged since the last that was
   */
  public record Verdict(String number, boolean log, long unlogged) {}

  /**
   * A fault occurred.
   *
   * @param fault the same for occurrences that one entry in the log explains
   * @param numbers gives a new number, if one is needed
   */
  public Verdict occurred(String fault, long nowNanos, Supplier<String> numbers) {
    Logged known = byFault.get(fault);
    if (known != null && nowNanos - known.at < everyNanos) {
      known.since++;
      return new Verdict(known.number, false, 0);
    }
    byFault.remove(fault);
    Logged next = new Logged(numbers.get(), nowNanos);
    byFault.put(fault, next);
    if (byFault.size() > faultsMax) {
      Iterator<Logged> oldest = byFault.values().iterator();
      oldest.next();
      oldest.remove();
    }
    return new Verdict(next.number, true, known == null ? 0 : known.since);
  }
}
