package dev.limpet.node.home;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The turns that a call comes out of, the nearest first. Travels with the call, so that a call which comes back to a
 * process of its own chain is refused at once instead of waiting for itself.
 *
 * @param turn names the turn at its home, so that a shard that is about to move can tell whether it still runs
 */
public record Chain(ProcessId process, long turn, @Nullable Chain before) {
  /** The longest chain; a longer one is refused as a cycle in all but name. */
  public static final int LENGTH_MAX = 64;

  /** The chain of a call to {@code next}, whose turn is {@code turn}. */
  static Chain add(@Nullable Chain before, ProcessId next, long turn) {
    return new Chain(next, turn, before);
  }

  /** How many turns it has. */
  public static int length(@Nullable Chain chain) {
    int length = 0;
    for (Chain c = chain; c != null; c = c.before) {
      length++;
    }
    return length;
  }

  /** Throws if the call would wait for its own end. */
  public static void check(@Nullable Chain chain, ProcessId next) {
    for (Chain c = chain; c != null; c = c.before) {
      if (c.process.equals(next)) {
        throw new CallRefused(
            ErrorCode.CALL_CYCLE, "the call would wait for itself: " + path(chain, next));
      }
    }
    if (length(chain) >= LENGTH_MAX) {
      throw new CallRefused(
          ErrorCode.CALL_CYCLE,
          "a chain of more than " + LENGTH_MAX + " calls, of which the last is to " + next);
    }
  }

  private static String path(@Nullable Chain chain, ProcessId next) {
    List<String> names = new ArrayList<>();
    names.add(next.toString());
    for (Chain c = chain; c != null; c = c.before) {
      names.add(c.process.toString());
      if (c.process.equals(next)) {
        break;
      }
    }
    Collections.reverse(names);
    return String.join(" -> ", names);
  }
}
