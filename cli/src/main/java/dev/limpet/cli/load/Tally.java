package dev.limpet.cli.load;

import java.util.BitSet;

/*
 * Each call adds one to one process and is told the new value. So, whatever happened in between:
 *   acknowledged <= value <= acknowledged + unknown,
 * and no two acknowledged calls were told the same value. A value below means that acknowledged calls are lost; one
 * above, that calls ran twice; a value told twice, that two copies served at once or one forgot (which a call of unknown
 * outcome might hide from the sum).
 */
/** What the callers of one process know together. Thread-safe. */
public final class Tally {
  private static final int VALUE_MAX = 100_000_000;

  private final BitSet told = new BitSet();
  private long acknowledged;
  private long unknown;
  private long toldTwice;

  /** A call was acknowledged, with that new value. */
  public synchronized void acknowledged(long value) {
    acknowledged++;
    if (value < 1 || value > VALUE_MAX || told.get((int) value)) {
      toldTwice++;
    } else {
      told.set((int) value);
    }
  }

  /** A call may have run; nobody will ever know but from the value at the end. */
  public synchronized void unknown() {
    unknown++;
  }

  public synchronized long acknowledged() {
    return acknowledged;
  }

  /** Compares with the value that the process has at the end, when no call is under way. */
  public synchronized Verdict verdict(long value) {
    long lost = Math.max(0, acknowledged - value);
    long doubled = Math.max(0, value - acknowledged - unknown);
    long unknownRan = Math.clamp(value - acknowledged, 0, unknown);
    long aboveValue = told.length() - 1 > value ? 1 : 0;
    return new Verdict(
        1, acknowledged, Math.max(lost, aboveValue), doubled, toldTwice, unknown, unknownRan);
  }

  /**
   * The comparison, of one process or of many.
   *
   * @param processes how many were compared
   * @param lost acknowledged calls that the value does not hold, at least
   * @param doubled how much the value is above all that may have run
   * @param toldTwice acknowledged calls that were told a value that another one was told, too
   * @param unknown calls whose outcome their callers do not know
   * @param unknownRan how many of those have run, by the value
   */
  public record Verdict(
      long processes,
      long acknowledged,
      long lost,
      long doubled,
      long toldTwice,
      long unknown,
      long unknownRan) {
    public static final Verdict NONE = new Verdict(0, 0, 0, 0, 0, 0, 0);

    public boolean good() {
      return lost == 0 && doubled == 0 && toldTwice == 0;
    }

    public Verdict plus(Verdict other) {
      return new Verdict(
          processes + other.processes,
          acknowledged + other.acknowledged,
          lost + other.lost,
          doubled + other.doubled,
          toldTwice + other.toldTwice,
          unknown + other.unknown,
          unknownRan + other.unknownRan);
    }
  }
}
