package dev.limpet.core.passivation;

import dev.limpet.core.Invariant;
import java.util.Arrays;

/**
 * Finds the processes that are least worth their place in memory: those with the lowest count of {@link Uses}, and among
 * the same counts those that were used longest ago. First all are {@link #add added}, then some are {@link #choose chosen},
 * then each can be asked whether it {@link #take is among them}.
 */
public final class Coldest {
  private static final int TIMES_AT_FIRST = 64;

  /** By count, when each process was last used. */
  private final long[][] usedAt = new long[Uses.MAX + 1][];

  private final int[] sizes = new int[Uses.MAX + 1];

  /** All of a lower count are chosen, none of a higher one. */
  private int count = -1;

  /** Of that count, those that were used before. */
  private long before = Long.MIN_VALUE;

  /** How many more that were used at that very time. */
  private int ties;

  /** A process, by its count and the time at which it was last used. */
  public void add(int uses, long time) {
    Invariant.check(uses >= 0 && uses <= Uses.MAX && count < 0, "a count of uses that is none");
    long[] times = usedAt[uses];
    if (times == null) {
      times = new long[TIMES_AT_FIRST];
    } else if (sizes[uses] == times.length) {
      times = Arrays.copyOf(times, 2 * times.length);
    }
    times[sizes[uses]++] = time;
    usedAt[uses] = times;
  }

  /** That many are chosen, or all if there are fewer. */
  public void choose(int howMany) {
    int rest = howMany;
    count = 0;
    while (count <= Uses.MAX && sizes[count] <= rest) {
      rest -= sizes[count];
      count++;
    }
    if (count > Uses.MAX || rest <= 0) {
      return;
    }
    long[] times = usedAt[count];
    Arrays.sort(times, 0, sizes[count]);
    before = times[rest];
    ties = rest;
    for (int i = 0; i < rest && times[i] < before; i++) {
      ties--;
    }
  }

  /** Whether a process that was added so is chosen; each is asked once. */
  public boolean take(int uses, long time) {
    if (uses != count) {
      return uses < count;
    }
    if (time == before && ties > 0) {
      ties--;
      return true;
    }
    return time < before;
  }
}
