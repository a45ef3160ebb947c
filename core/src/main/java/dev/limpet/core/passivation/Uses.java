package dev.limpet.core.passivation;

/**
 * Counts in how many looks each process was found used lately, from 1 to {@value #MAX}, and roughly remembers the counts of
 * those that left memory. Used by one thread at a time.
 *
 * <p>Source: Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017: counts of four bits
 * that are all halved now and then, and a count-min sketch for what is not there.
 */
/*
 * A call is not counted: it would cost more than the call. A look at all processes, every second or so, sees which were
 * used since the last one. So a process that is called a thousand times in a second counts once for that, as one that is
 * called once does; what is told apart is what is used again and again from what a scan touched.
 */
public final class Uses {
  /** The highest count. */
  public static final int MAX = 15;

  /**
   * After how many counted uses for each process all counts are halved. Of 5 to 60 this kept most processes in memory that
   * were wanted there (see {@code UsesTest}).
   */
  private static final int HALVED_AFTER = 30;

  private static final int ROWS = 4;
  private static final int COUNTS_OF_WORD = 16;
  private static final int BITS = 4;

  /** Sixteen counts in each word; about as many words as processes, or none while nothing ever left. */
  private long[] left = {};

  private long counted;
  private boolean halves;
  private int present;

  /** A look at all processes begins; there are about that many. */
  public void look(int processes) {
    present = processes;
    halves = counted >= (long) HALVED_AFTER * Math.max(COUNTS_OF_WORD, processes);
    if (halves) {
      counted = 0;
      for (int i = 0; i < left.length; i++) {
        left[i] = (left[i] >>> 1) & 0x7777_7777_7777_7777L;
      }
    }
  }

  /**
   * The count of a process after this look.
   *
   * @param count after the last look; 0 if the process was not in memory then
   * @param used whether it was used since
   * @param id tells processes apart, mostly
   */
  public int next(int count, boolean used, int id) {
    int next = count == 0 ? 1 + remembered(id) : used ? count + 1 : count;
    if (count == 0 || used) {
      counted++;
    }
    return Math.max(1, halves ? Math.min(MAX, next) >> 1 : Math.min(MAX, next));
  }

  /** A process left memory, with that count. */
  public void leaves(int count, int id) {
    int words = Integer.highestOneBit(Math.max(COUNTS_OF_WORD, present));
    if (left.length < words) {
      left = new long[words]; // what was remembered of fewer is worth little by now
    }
    long hash = mixed(id);
    for (int row = 0; row < ROWS; row++) {
      int word = word(hash, row);
      int shift = shift(hash, row);
      if (((left[word] >>> shift) & MAX) < count) {
        left[word] = (left[word] & ~((long) MAX << shift)) | ((long) count << shift);
      }
    }
  }

  private int remembered(int id) {
    if (left.length == 0) {
      return 0;
    }
    long hash = mixed(id);
    long least = MAX;
    for (int row = 0; row < ROWS; row++) {
      least = Math.min(least, (left[word(hash, row)] >>> shift(hash, row)) & MAX);
    }
    return (int) least;
  }

  private int word(long hash, int row) {
    return (int) (hash >>> (row * 12)) & (left.length - 1);
  }

  /** Of each word, a row has four counts of its own. */
  private static int shift(long hash, int row) {
    return (row * ROWS + (int) ((hash >>> (56 + 2 * row)) & (ROWS - 1))) * BITS;
  }

  /** Source: the finaliser of Stafford's variant 13, as in SplittableRandom. */
  private static long mixed(int id) {
    long z = id * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
