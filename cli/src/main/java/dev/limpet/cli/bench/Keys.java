package dev.limpet.cli.bench;

import java.util.random.RandomGenerator;

/**
 * Which processes are called.
 *
 * @param count how many there are, at least 1
 * @param hotPercent of the calls that go to the first one besides its share, 0 to 100
 */
record Keys(int count, int hotPercent) {
  private static final int PERCENT = 100;

  /** The process of the next call, by chance. */
  int next(RandomGenerator random) {
    return hotPercent > 0 && random.nextInt(PERCENT) < hotPercent ? 0 : random.nextInt(count);
  }
}
