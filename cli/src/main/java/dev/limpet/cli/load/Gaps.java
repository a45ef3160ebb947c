package dev.limpet.cli.load;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The times between two successes of one key: how long it could not be reached. Thread-safe; times are of one clock. */
public final class Gaps {
  private static final int KEPT_MAX = 200_000;

  private final long keptFromNanos;
  private final Map<String, Long> lastSuccess = new HashMap<>();
  private final List<Gap> kept = new ArrayList<>();

  /** A time without a success. */
  public record Gap(String key, long fromNanos, long toNanos) {
    public long nanos() {
      return toNanos - fromNanos;
    }
  }

  /**
   * @param keptFromNanos shorter gaps are not kept
   */
  public Gaps(long keptFromNanos) {
    this.keptFromNanos = keptFromNanos;
  }

  /** A probe of that key succeeded. */
  public synchronized void success(String key, long nowNanos) {
    Long before = lastSuccess.put(key, nowNanos);
    if (before != null) {
      keep(new Gap(key, before, nowNanos));
    }
  }

  /** Probing ends: a key without a success since has a gap until now. */
  public synchronized void end(long nowNanos) {
    lastSuccess.forEach((key, last) -> keep(new Gap(key, last, nowNanos)));
    lastSuccess.clear();
  }

  private void keep(Gap gap) {
    if (gap.nanos() >= keptFromNanos && kept.size() < KEPT_MAX) {
      kept.add(gap);
    }
  }

  /** How many keys have had a success. */
  public synchronized int keys() {
    return lastSuccess.size();
  }

  /** The longest gap in nanoseconds that ended after a time, or has not ended yet; 0 if all were too short to be kept. */
  public synchronized long longestSince(long fromNanos, long nowNanos) {
    return since(fromNanos, nowNanos).mapToLong(Gap::nanos).max().orElse(0);
  }

  /** How many keys had a gap at least that long that ended after a time, or has not ended yet. */
  public synchronized long keysWithGap(long atLeastNanos, long fromNanos, long nowNanos) {
    return since(fromNanos, nowNanos)
        .filter(gap -> gap.nanos() >= atLeastNanos)
        .map(Gap::key)
        .distinct()
        .count();
  }

  /** Of each key the longest gap at least that long that ended after a time, or has not ended yet. */
  public synchronized List<Gap> longest(long atLeastNanos, long fromNanos, long nowNanos) {
    Map<String, Gap> byKey = new TreeMap<>();
    since(fromNanos, nowNanos)
        .filter(gap -> gap.nanos() >= atLeastNanos)
        .forEach(gap ->
            byKey.merge(
                gap.key(), gap, (one, other) -> one.nanos() >= other.nanos() ? one : other));
    return List.copyOf(byKey.values());
  }

  private Stream<Gap> since(long fromNanos, long nowNanos) {
    Stream<Gap> ended = kept.stream().filter(gap -> gap.toNanos() > fromNanos);
    Stream<Gap> open =
        lastSuccess.entrySet().stream()
            .map(last -> new Gap(last.getKey(), last.getValue(), nowNanos))
            .filter(gap -> gap.nanos() >= keptFromNanos);
    return Stream.concat(ended, open);
  }
}
