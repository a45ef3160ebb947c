package dev.limpet.examples;

import dev.limpet.Memory;
import dev.limpet.ProcessContext;

/** One page's visits. A cell in memory costs nothing to write: no call waits for a disk. */
final class VisitsProcess implements Visits {
  private final Memory<Long> count;

  VisitsProcess(ProcessContext self) {
    count = self.memory("count", Long.class, 0L);
  }

  @Override
  public long hit() {
    return count.update(before -> before + 1);
  }
}
