package dev.limpet.examples;

import dev.limpet.Durable;
import dev.limpet.ProcessContext;

/** One counter. No lock and no atomic: a process has one live copy, and that copy takes one call at a time. */
final class CounterProcess implements Counter {
  private final Durable<Long> value;

  CounterProcess(ProcessContext self) {
    value = self.durable("value", Long.class, 0L);
  }

  @Override
  public long add(long n) throws Overflow {
    long next = Overflow.checkedSum(value.get(), n);
    value.set(next);
    return next;
  }

  @Override
  public long get() {
    return value.get();
  }
}
