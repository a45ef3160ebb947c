package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.DeadlinePassed;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The adders of some counters, and what they were told. */
final class AdderLoad implements AutoCloseable {
  private static final int CALLERS = 6;

  /** Without a rest they leave the nodes that start meanwhile hardly any processor. */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long TOUCH_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

  private final Limpet here;
  private final int keys;
  private final BitSet[] told;
  private final int[] unknown;
  private final List<String> findings = new ArrayList<>();
  private final List<Caller<Integer>> callers = new ArrayList<>();
  private final String name;
  private final long seed;
  private volatile boolean stopped;

  AdderLoad(Limpet here, String name, int keys, long seed) {
    this.here = here;
    this.name = name;
    this.seed = seed;
    this.keys = keys;
    told = new BitSet[keys];
    unknown = new int[keys];
    for (int k = 0; k < keys; k++) {
      told[k] = new BitSet();
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int c = 0; c < CALLERS; c++) {
      SplittableRandom own = random.split();
      callers.add(
          Caller.start(() -> {
            int calls = 0;
            while (!stopped) {
              call(own.nextInt(keys), own.nextBoolean());
              calls++;
              LockSupport.parkNanos(REST_NANOS);
            }
            return calls;
          }));
    }
  }

  /** The key of one of the counters. */
  String key(int k) {
    return name + k;
  }

  /** Counts up once in memory too, in each of them; waits where a busy machine has let a lease lapse. */
  void touchMemory() throws Exception {
    long until = System.nanoTime() + TOUCH_NANOS_MAX;
    for (int k = 0; k < keys; k++) {
      while (!touched(k)) {
        if (System.nanoTime() - until > 0) {
          throw new AssertionError("the memory of " + key(k) + " was not reached in time");
        }
        LockSupport.parkNanos(REST_NANOS);
      }
    }
  }

  private boolean touched(int k) throws Exception {
    try {
      probe(k).act("addMemory");
      return true;
    } catch (LimpetException e) {
      if (e.executed() != Executed.NO) {
        throw e;
      }
      return false;
    }
  }

  private Probe probe(int k) {
    return here.ref(Probe.class, key(k)).withDeadline(Duration.ofSeconds(20)).get();
  }

  private void call(int k, boolean memory) throws Exception {
    try {
      if (memory) {
        probe(k).act("addMemory");
        return;
      }
      long value = probe(k).act("add");
      synchronized (this) {
        if (told[k].get((int) value)) {
          findings.add(name + k + " was told " + value + " twice");
        }
        told[k].set((int) value);
      }
    } catch (OutcomeUnknown | DeadlinePassed e) {
      synchronized (this) {
        unknown[k]++;
      }
    } catch (LimpetException e) {
      if (e.executed() != Executed.NO) {
        synchronized (this) {
          unknown[k]++;
        }
      }
    }
  }

  /** Ends the calls, fails the test if what was acknowledged is not there once, and tells how many calls were made. */
  int verify() throws Exception {
    close();
    int calls = 0;
    for (Caller<Integer> caller : callers) {
      calls += caller.get();
    }
    for (int k = 0; k < keys; k++) {
      long value = probe(k).look("get");
      int acknowledged = told[k].cardinality();
      if (value < acknowledged
          || value > acknowledged + unknown[k]
          || told[k].length() - 1 > value) {
        findings.add(
            "%s%d is %d: %d acknowledged up to %d, %d unknown"
                .formatted(name, k, value, acknowledged, told[k].length() - 1, unknown[k]));
      }
    }
    assertThat(findings).as("seed %d", seed).isEmpty();
    return calls;
  }

  @Override
  public void close() {
    stopped = true;
    callers.forEach(Caller::awaitDone);
  }
}
