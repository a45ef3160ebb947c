package dev.limpet.cli.load;

import dev.limpet.Hosting;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.Sticky;

/** A counter in memory: what a call costs when nothing is saved. */
@Sticky("bench-counter")
public interface BenchCounter {
  long add(long n);

  static void host(Hosting hosting) {
    hosting.host(BenchCounter.class, BenchCounterProcess::new);
  }
}

final class BenchCounterProcess implements BenchCounter {
  private final Memory<Long> value;

  BenchCounterProcess(ProcessContext self) {
    value = self.memory("value", Long.class, 0L);
  }

  @Override
  public long add(long n) {
    long next = value.get() + n;
    value.set(next);
    return next;
  }
}
