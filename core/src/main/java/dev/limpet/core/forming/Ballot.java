package dev.limpet.core.forming;

/**
 * One attempt to agree; higher ones win.
 *
 * @param by the storage id of the seed that attempts, so that no two use the same ballot
 */
public record Ballot(long round, String by) implements Comparable<Ballot> {
  /** Below all attempts. */
  public static final Ballot NONE = new Ballot(0, "");

  @Override
  public int compareTo(Ballot other) {
    int rounds = Long.compare(round, other.round);
    return rounds != 0 ? rounds : by.compareTo(other.by);
  }
}
