package dev.limpet.core.supervise;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds turns that run for too long, by looking every so often at which turns run. A turn is reported when it was seen for
 * longer than its bound, again each time its age has doubled, and once more when it is over.
 *
 * @param <K> a copy of a process
 */
/*
 * Nothing is asked of a turn: it has a number of its own anyway, and whoever sees the same number twice knows that the
 * turn has run for at least the time between. It is remembered from the first look that saw it, so ages are lower bounds.
 */
public final class TurnWatch<K> {
  private Map<K, Seen> seen = new LinkedHashMap<>();

  private static final class Seen {
    final long turn;
    final long since;
    long reportAt;
    boolean reported;

    Seen(long turn, long since, long reportAt) {
      this.turn = turn;
      this.since = since;
      this.reportAt = reportAt;
    }
  }

  /** A turn that runs at this moment, and after how long it is to be reported. */
  public record Running<K>(K copy, long turn, long boundNanos) {}

  /**
   * What is to be told of one turn.
   *
   * @param nanos how long it runs, or ran, at least
   * @param over whether it is over
   */
  public record Finding<K>(K copy, long turn, long nanos, boolean over) {}

  /** Takes note of all turns that run now. */
  public List<Finding<K>> look(long nowNanos, List<Running<K>> running) {
    List<Finding<K>> findings = new ArrayList<>();
    Map<K, Seen> still = new LinkedHashMap<>();
    for (Running<K> r : running) {
      Seen known = seen.get(r.copy());
      Seen now =
          known != null && known.turn == r.turn()
              ? known
              : new Seen(r.turn(), nowNanos, nowNanos + r.boundNanos());
      still.put(r.copy(), now);
      if (nowNanos - now.reportAt >= 0) {
        long age = nowNanos - now.since;
        now.reported = true;
        now.reportAt = nowNanos + Math.max(1, age);
        findings.add(new Finding<>(r.copy(), r.turn(), age, false));
      }
    }
    seen.forEach((copy, before) -> {
      if (before.reported && still.get(copy) != before) {
        findings.add(new Finding<>(copy, before.turn, nowNanos - before.since, true));
      }
    });
    seen = still;
    return findings;
  }

  /** How many turns were reported and are not known to be over. */
  public int stuckCount() {
    return (int) seen.values().stream().filter(s -> s.reported).count();
  }

  /** The copies whose turns were reported and are not known to be over. */
  public List<K> stuck() {
    List<K> all = new ArrayList<>();
    seen.forEach((copy, s) -> {
      if (s.reported) {
        all.add(copy);
      }
    });
    return all;
  }

  /** The turn of that copy, if it was reported; how long it runs by now. */
  public @Nullable Finding<K> stuck(K copy, long nowNanos) {
    Seen s = seen.get(copy);
    return s == null || !s.reported
        ? null
        : new Finding<>(copy, s.turn, Math.max(0, nowNanos - s.since), false);
  }
}
