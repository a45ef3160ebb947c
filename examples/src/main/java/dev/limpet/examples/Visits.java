package dev.limpet.examples;

import dev.limpet.Sticky;

/**
 * A count that lives in memory only. A planned move of the process takes it along; a crash, or a long time without a
 * visit, starts it again.
 */
@Sticky("visits")
public interface Visits {
  /** Counts one visit, and returns how many there were since the process was last activated. */
  long hit();
}
