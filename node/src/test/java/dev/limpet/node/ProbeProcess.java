package dev.limpet.node;

import dev.limpet.Durable;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;

/** A probe: a saved number, a number in memory, a saved text, and whatever the test does with them. */
final class ProbeProcess implements Probe {
  final ProcessContext self;
  final Durable<Long> saved;
  final Memory<Long> memory;
  final Durable<String> text;

  /** The bytes of the turn under way, if it was given some. */
  byte[] bytes = {};

  private final Acts acts;

  ProbeProcess(ProcessContext self, Acts acts) throws Exception {
    this.self = self;
    this.acts = acts;
    saved = self.durable("saved", Long.class, 0L);
    memory = self.memory("memory", Long.class, 0L);
    text = self.durable("text", String.class, "");
    acts.constructions.incrementAndGet();
    acts.construction.on(this);
  }

  /** The same in another process. */
  Probe other(String key) {
    return self.limpet().get(Probe.class, key);
  }

  private long run(String name) throws Refused {
    try {
      return acts.named(name).on(this);
    } catch (Refused | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long act(String name) throws Refused {
    return run(name);
  }

  @Override
  public long actOn(String name, byte[] given) throws Refused {
    bytes = given;
    return run(name);
  }

  @Override
  public long look(String name) throws Refused {
    return run(name);
  }

  @Override
  public long repeat(String name) throws Refused {
    return run(name);
  }
}
