package dev.limpet.engine;

/**
 * Where an entry stands in a replicated log.
 *
 * @param term the leader's term in which the entry was appended; never decreases along the log
 * @param index the entry's place; the first is 1, and 0 stands before the first
 */
public record Position(long term, long index) {
  /** Before the first entry. */
  public static final Position NONE = new Position(0, 0);
}
