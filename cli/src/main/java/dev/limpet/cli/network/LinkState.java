package dev.limpet.cli.network;

import java.util.Locale;

/**
 * How bytes fare on their way from one node to another; the way back has a state of its own.
 *
 * @param stalled they stop, and connections stay open; what was sent arrives when the state ends
 * @param refused no connection comes about, and those that exist are reset
 * @param delayMillis how long they take
 * @param jitterMillis up to how much longer
 * @param lossPercent how many of a hundred pieces are lost and sent again, as TCP does it: late, with all that follows
 * @param bytesPerSecond the most that passes; 0 for no limit
 * @param flipEveryBytes one bit in about so many bytes is flipped; 0 for none
 */
public record LinkState(
    boolean stalled,
    boolean refused,
    int delayMillis,
    int jitterMillis,
    int lossPercent,
    int bytesPerSecond,
    int flipEveryBytes) {
  public static final LinkState GOOD = new LinkState(false, false, 0, 0, 0, 0, 0);
  public static final LinkState STALLED = new LinkState(true, false, 0, 0, 0, 0, 0);
  public static final LinkState REFUSED = new LinkState(false, true, 0, 0, 0, 0, 0);

  private static final int PARTS = 7;

  public LinkState {
    if (delayMillis < 0
        || jitterMillis < 0
        || lossPercent < 0
        || lossPercent > 90
        || bytesPerSecond < 0
        || flipEveryBytes < 0) {
      throw new IllegalArgumentException("a link cannot be like that");
    }
  }

  public static LinkState delayed(int millis, int jitterMillis) {
    return new LinkState(false, false, millis, jitterMillis, 0, 0, 0);
  }

  public static LinkState lossy(int percent) {
    return new LinkState(false, false, 0, 0, percent, 0, 0);
  }

  public static LinkState slow(int bytesPerSecond) {
    return new LinkState(false, false, 0, 0, 0, bytesPerSecond, 0);
  }

  public static LinkState corrupting(int everyBytes) {
    return new LinkState(false, false, 0, 0, 0, 0, everyBytes);
  }

  /** Both at once: whatever is worse. */
  public LinkState and(LinkState other) {
    return new LinkState(
        stalled || other.stalled,
        refused || other.refused,
        Math.max(delayMillis, other.delayMillis),
        Math.max(jitterMillis, other.jitterMillis),
        Math.max(lossPercent, other.lossPercent),
        worse(bytesPerSecond, other.bytesPerSecond),
        worse(flipEveryBytes, other.flipEveryBytes));
  }

  /** The smaller one; 0 is none. */
  private static int worse(int one, int other) {
    return one == 0 ? other : other == 0 ? one : Math.min(one, other);
  }

  /** Whether bytes pass untouched and at once. */
  public boolean isGood() {
    return equals(GOOD);
  }

  /** One word, for {@link #parse}. */
  String word() {
    return String.format(
        Locale.ROOT,
        "%b:%b:%d:%d:%d:%d:%d",
        stalled,
        refused,
        delayMillis,
        jitterMillis,
        lossPercent,
        bytesPerSecond,
        flipEveryBytes);
  }

  static LinkState parse(String word) {
    String[] parts = word.split(":", -1);
    if (parts.length != PARTS) {
      throw new IllegalArgumentException("not the state of a link: " + word);
    }
    return new LinkState(
        Boolean.parseBoolean(parts[0]),
        Boolean.parseBoolean(parts[1]),
        Integer.parseInt(parts[2]),
        Integer.parseInt(parts[3]),
        Integer.parseInt(parts[4]),
        Integer.parseInt(parts[5]),
        Integer.parseInt(parts[6]));
  }
}
