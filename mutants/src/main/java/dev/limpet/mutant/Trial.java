package dev.limpet.mutant;

import java.util.function.LongFunction;

/** What is run to find a mutant; equal trials run the same. */
public interface Trial {
  /** How often it is tried at most, each time with another seed; 1 if it has none. */
  int seeds();

  /** The trial in that code: takes a seed, and says what it found to be broken, or nothing. */
  LongFunction<String> in(MutantCode code);
}
