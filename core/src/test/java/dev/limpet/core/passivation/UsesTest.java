package dev.limpet.core.passivation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** What is worth its place: counted by itself, and as a whole against Caffeine, which sees every single use. */
class UsesTest {
  private static final int CAPACITY = 2_000;
  private static final int KEYS = 40_000;
  private static final int CALLS = 1_000_000;

  /** A look after as many calls as this: the bound is passed by that much at most, and so is lower by it. */
  private static final int CALLS_OF_A_LOOK = CAPACITY / 10;

  @Test
  void count_risesWithEachLookThatFindsAUse_upToTheHighest() {
    Uses uses = new Uses();
    int count = 0;
    for (int look = 1; look <= 20; look++) {
      uses.look(1_000);
      count = uses.next(count, true, 7);
      assertThat(count).isEqualTo(Math.min(look, Uses.MAX));
    }
    uses.look(1_000);
    assertThat(uses.next(count, false, 7)).isEqualTo(Uses.MAX);
  }

  @Test
  void counts_areHalved_afterThirtyUsesForEachProcess() {
    Uses uses = new Uses();
    int[] counts = new int[16];
    for (int look = 1; look <= 30; look++) {
      uses.look(16);
      for (int i = 0; i < 16; i++) {
        counts[i] = uses.next(counts[i], true, i);
      }
    }
    uses.look(16);
    assertThat(uses.next(counts[0], false, 0)).isEqualTo(Uses.MAX / 2);
    assertThat(uses.next(1, false, 0)).as("never to nothing").isEqualTo(1);
  }

  @Test
  void count_ofAProcessThatLeft_isRememberedWhenItComesBack() {
    Uses uses = new Uses();
    uses.look(1_000);
    uses.leaves(9, 42);
    assertThat(uses.next(0, true, 42)).isEqualTo(10);
    assertThat(uses.next(0, true, 43)).as("another").isLessThan(10);
  }

  @Test
  void memory_ofThoseThatLeft_isMostlyRight() {
    Uses uses = new Uses();
    uses.look(1_000);
    for (int id = 0; id < 1_000; id++) {
      uses.leaves(8, id);
    }
    int wrong = 0;
    for (int id = 1_000; id < 2_000; id++) {
      wrong += uses.next(0, true, id) > 1 ? 1 : 0;
    }
    assertThat(wrong / 1_000.0).as("taken for one that left").isCloseTo(0, within(0.1));
  }

  // Against Caffeine.

  /** Keys by Zipf's law: the n-th is asked for in proportion to {@code n^-exponent}. */
  private static IntSupplier zipf(double exponent, int first, Random random) {
    double[] sums = new double[KEYS];
    double sum = 0;
    for (int i = 0; i < KEYS; i++) {
      sum += Math.pow(i + 1, -exponent);
      sums[i] = sum;
    }
    double all = sum;
    return () -> {
      int found = java.util.Arrays.binarySearch(sums, random.nextDouble() * all);
      return first + (found < 0 ? -found - 1 : found);
    };
  }

  private static int[] trace(IntSupplier keys) {
    int[] trace = new int[CALLS];
    for (int i = 0; i < CALLS; i++) {
      trace[i] = keys.getAsInt();
    }
    return trace;
  }

  private static final class Copy {
    int uses;
    long usedAt;
  }

  private static double ours(int[] trace) {
    Map<Integer, Copy> memory = new HashMap<>();
    Uses uses = new Uses();
    long hits = 0;
    long lookedAt = 0;
    for (int now = 0; now < trace.length; now++) {
      Copy copy = memory.get(trace[now]);
      if (copy == null) {
        copy = new Copy();
        memory.put(trace[now], copy);
      } else {
        hits++;
      }
      copy.usedAt = now;
      if (now % CALLS_OF_A_LOOK == CALLS_OF_A_LOOK - 1) {
        look(memory, uses, lookedAt);
        lookedAt = now + 1L;
      }
    }
    return hits / (double) trace.length;
  }

  private static void look(Map<Integer, Copy> memory, Uses uses, long lookedAt) {
    uses.look(memory.size());
    Coldest coldest = new Coldest();
    memory.forEach((key, copy) -> {
      copy.uses = uses.next(copy.uses, copy.usedAt >= lookedAt, key);
      coldest.add(copy.uses, copy.usedAt);
    });
    coldest.choose(memory.size() - (CAPACITY - CALLS_OF_A_LOOK));
    memory
        .entrySet()
        .removeIf(e -> {
          Copy copy = e.getValue();
          boolean leaves = coldest.take(copy.uses, copy.usedAt);
          if (leaves) {
            uses.leaves(copy.uses, e.getKey());
          }
          return leaves;
        });
  }

  private static double caffeine(int[] trace) {
    Cache<Integer, Boolean> cache =
        Caffeine.newBuilder().maximumSize(CAPACITY).executor(Runnable::run).build();
    long hits = 0;
    for (int key : trace) {
      if (cache.getIfPresent(key) == null) {
        cache.put(key, true);
      } else {
        hits++;
      }
    }
    return hits / (double) trace.length;
  }

  private static double leastRecentlyUsed(int[] trace) {
    Map<Integer, Boolean> cache =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
            return size() > CAPACITY;
          }
        };
    long hits = 0;
    for (int key : trace) {
      if (cache.put(key, true) != null) {
        hits++;
      }
    }
    return hits / (double) trace.length;
  }

  private static void assertAsGoodAsCaffeine(String name, int[] trace, double share) {
    double ours = ours(trace);
    double caffeine = caffeine(trace);
    double lru = leastRecentlyUsed(trace);
    System.out.printf(
        "hits of %s: %.3f, Caffeine %.3f, least recently used %.3f%n", name, ours, caffeine, lru);
    assertThat(ours).as("%s, Caffeine %s", name, caffeine).isGreaterThan(share * caffeine);
    assertThat(ours).as("%s, least recently used %s", name, lru).isGreaterThan(lru);
  }

  @Test
  void hits_withPopularKeys_areNearlyThoseOfCaffeine() {
    assertAsGoodAsCaffeine("popular", trace(zipf(0.9, 0, new Random(1))), 0.95);
  }

  @Test
  void hits_whileEveryOtherCallIsOfAScan_areNotFarFromThoseOfCaffeine() {
    Random random = new Random(2);
    IntSupplier popular = zipf(0.9, 0, random);
    int[] at = {0};
    // Half of the calls go through all there is, each once.
    int[] trace =
        trace(() -> random.nextBoolean() ? popular.getAsInt() : KEYS + at[0]++ % (10 * KEYS));
    assertAsGoodAsCaffeine("popular and scans", trace, 0.88);
  }

  @Test
  void hits_whenOtherKeysBecomePopular_areNearlyThoseOfCaffeine() {
    Random random = new Random(3);
    List<IntSupplier> phases = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      phases.add(zipf(0.9, i * KEYS, random));
    }
    int[] at = {0};
    int[] trace = trace(() -> phases.get(at[0]++ / (CALLS / 5)).getAsInt());
    assertAsGoodAsCaffeine("changing", trace, 0.95);
  }
}
