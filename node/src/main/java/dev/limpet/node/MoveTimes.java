package dev.limpet.node;

import dev.limpet.node.home.MoveWatch;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How long the steps of planned moves take on this node, of those that come to their end: at the source from the last turn
 * that began to the release, at the target from the claim to the first turn that may begin. Thread-safe.
 */
final class MoveTimes implements MoveWatch {
  /** So many shards at most are measured at a time; of moves that came to no end something would stay for ever. */
  private static final int SHARDS_MAX = 10_000;

  private final MoveWatch next;

  /** When the last step of a shard was taken, in {@code System.nanoTime}. */
  private final Map<Integer, Long> since = new ConcurrentHashMap<>();

  private final Map<Step, Sum> sums = new EnumMap<>(Step.class);

  private static final class Sum {
    final LongAdder count = new LongAdder();
    final LongAdder nanos = new LongAdder();
  }

  /**
   * Measures nothing yet.
   *
   * @param next told of each step, too, when it was measured
   */
  MoveTimes(MoveWatch next) {
    this.next = next;
    for (Step step : Step.values()) {
      if (!name(step).isEmpty()) {
        sums.put(step, new Sum());
      }
    }
  }

  /** What was done when that step is reached, as the meters name it; empty if it is the first of its node. */
  private static String name(Step step) {
    return switch (step) {
      case SAVED -> "turns";
      case CARRIED -> "memory";
      case RENOUNCED -> "renounce";
      case OPENED -> "claim";
      case FROZEN, CLAIMING, ARRIVED, LEFT, ENDED -> "";
    };
  }

  @Override
  public void at(int shard, Step step) {
    long now = System.nanoTime();
    switch (step) {
      case FROZEN, CLAIMING -> {
        if (since.size() >= SHARDS_MAX) {
          since.clear();
        }
        since.put(shard, now);
      }
      case SAVED, CARRIED -> ended(step, since.replace(shard, now), now);
      case RENOUNCED, OPENED -> ended(step, since.remove(shard), now);
      case ARRIVED, LEFT, ENDED -> {}
    }
    next.at(shard, step);
  }

  private void ended(Step step, @Nullable Long began, long now) {
    Sum sum = sums.get(step);
    if (began != null && sum != null) {
      sum.count.increment();
      sum.nanos.add(now - began);
    }
  }

  void bind(MeterRegistry registry) {
    sums.forEach((step, sum) ->
        FunctionTimer.builder(
                "limpet.move.step",
                sum,
                s -> s.count.sum(),
                s -> s.nanos.sum(),
                TimeUnit.NANOSECONDS)
            .tag("step", name(step))
            .description(
                "time that a step of planned moves takes: turns to end and be saved, memory to travel, the shard to be"
                    + " renounced; at the new home the claim in the store")
            .register(registry));
  }
}
