package dev.limpet.examples;

import dev.limpet.Reads;
import dev.limpet.Sticky;

/** A number under a name, saved, that any node may add to. */
@Sticky("counter")
public interface Counter {
  /**
   * Adds {@code n}, which may be negative, and returns the new value.
   *
   * @throws Overflow if the value would not fit into 64 bits; it stays as it was
   */
  long add(long n) throws Overflow;

  /** The value; 0 for a counter that nobody has added to. */
  @Reads
  long get();
}
