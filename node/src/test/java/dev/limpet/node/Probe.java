package dev.limpet.node;

import dev.limpet.Idempotent;
import dev.limpet.Reads;
import dev.limpet.Sticky;

/** A process that does what the test says: each name is one of the test's {@link Acts}. */
@Sticky("probe")
interface Probe {
  long act(String name) throws Refused;

  long actOn(String name, byte[] bytes) throws Refused;

  @Reads
  long look(String name) throws Refused;

  @Idempotent
  long repeat(String name) throws Refused;
}
