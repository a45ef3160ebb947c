package dev.limpet.testkit;

import dev.limpet.Durable;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.Reads;
import dev.limpet.Sticky;

/** A sum, and how it can be kept. */
@Sticky("tally")
public interface Tally {
  long add(long n) throws TooMuch;

  @Reads
  long sum();

  /** Where it lives, and how often something was added since it came into memory. */
  @Reads
  String place();

  /** That was more than a tally takes. */
  final class TooMuch extends Exception {
    private static final long serialVersionUID = 1L;

    public TooMuch(String message) {
      super(message);
    }
  }

  /** As it should be: saved before the answer leaves. */
  final class Saved implements Tally {
    private static final long MAX = 1_000_000;
    private final ProcessContext self;
    private final Durable<Long> sum;
    private final Memory<Long> calls;
    private final Runnable inEachAdd;

    Saved(ProcessContext self) {
      this(self, () -> {});
    }

    Saved(ProcessContext self, Runnable inEachAdd) {
      this.self = self;
      this.inEachAdd = inEachAdd;
      sum = self.durable("sum", Long.class, 0L);
      calls = self.memory("calls", Long.class, 0L);
    }

    @Override
    public long add(long n) throws TooMuch {
      if (sum.get() + n > MAX) {
        throw new TooMuch("at most " + MAX);
      }
      inEachAdd.run();
      calls.set(calls.get() + 1);
      sum.set(sum.get() + n);
      return sum.get();
    }

    @Override
    public long sum() {
      return sum.get();
    }

    @Override
    public String place() {
      return self.home() + " " + calls.get();
    }
  }
}
