package dev.limpet.node;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What the probes of one test do in their turns, by name. Thread-safe. */
final class Acts {
  /** One turn. */
  @FunctionalInterface
  interface Act {
    long on(ProbeProcess process) throws Exception;
  }

  private final Map<String, Act> byName = new ConcurrentHashMap<>();

  /** Runs at the end of each constructor. */
  volatile Act construction = process -> 0;

  /** How many probes were constructed. */
  final AtomicInteger constructions = new AtomicInteger();

  Acts() {
    on("add", p -> p.saved.update(n -> n + 1));
    on("get", p -> p.saved.get());
    on("addMemory", p -> p.memory.update(n -> n + 1));
    on("getMemory", p -> p.memory.get());
    on("nothing", p -> 0);
  }

  Acts on(String name, Act act) {
    byName.put(name, act);
    return this;
  }

  Act named(String name) {
    Act act = byName.get(name);
    if (act == null) {
      throw new IllegalArgumentException("the test has no act " + name);
    }
    return act;
  }
}
