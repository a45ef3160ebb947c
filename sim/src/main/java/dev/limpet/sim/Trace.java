package dev.limpet.sim;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What happened, as lines for people and as a hash: the last lines are kept, all of them go into the hash. */
final class Trace {
  private static final int KEPT = 400;

  private final ArrayDeque<String> last = new ArrayDeque<>();
  private final Consumer<String> live;
  private long hash = 0xcbf29ce484222325L;

  /** {@code live} is told each line at once. */
  Trace(Consumer<String> live) {
    this.live = live;
  }

  void mix(long value) {
    hash = (hash ^ value) * 0x100000001b3L;
    hash ^= hash >>> 29;
  }

  void say(long now, String what) {
    mix(what.hashCode());
    String line = String.format(Locale.ROOT, "%11.3f ms  %s", now / 1e6, what);
    last.addLast(line);
    if (last.size() > KEPT) {
      last.removeFirst();
    }
    live.accept(line);
  }

  long hash() {
    return hash;
  }

  List<String> lines() {
    return List.copyOf(last);
  }
}
