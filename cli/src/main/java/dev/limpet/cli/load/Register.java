package dev.limpet.cli.load;

import dev.limpet.Durable;
import dev.limpet.Hosting;
import dev.limpet.ProcessContext;
import dev.limpet.Reads;
import dev.limpet.Sticky;

/** A saved number with compare-and-set, whose histories tell whether there was ever more than one of it. */
@Sticky("register")
public interface Register {
  /** Sets it, whatever it was. */
  void write(long value);

  /** The value; 0 if none was ever set. */
  @Reads
  long read();

  /** Sets it if it is {@code expected}; returns what it was in any case. */
  long exchange(long expected, long next);

  static void host(Hosting hosting) {
    hosting.host(Register.class, RegisterProcess::new);
  }
}

final class RegisterProcess implements Register {
  private final Durable<Long> value;

  RegisterProcess(ProcessContext self) {
    value = self.durable("value", Long.class, 0L);
  }

  @Override
  public void write(long next) {
    value.set(next);
  }

  @Override
  public long read() {
    return value.get();
  }

  @Override
  public long exchange(long expected, long next) {
    long found = value.get();
    if (found == expected) {
      value.set(next);
    }
    return found;
  }
}
