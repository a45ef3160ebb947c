package dev.limpet.core.route;

import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardRange;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Since when each role that hosts something is held by no member, as one node sees it. An only node that restarts is gone
 * for seconds, and calls wait for it; a role that nobody was started with is missing for longer, and calls are refused
 * early. Not thread-safe.
 */
public final class Vacancies {
  private final long patienceNanos;
  private final TreeMap<String, Long> since = new TreeMap<>();

  /**
   * Knows of none.
   *
   * @param patienceNanos for how long a role may be vacant before calls that need it are refused at once
   */
  public Vacancies(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  /** Takes a newer view. */
  public void viewed(Placement view, long now) {
    TreeSet<String> vacant = new TreeSet<>();
    for (ShardRange range : view.ranges().all()) {
      if (view.holding(range.role()).isEmpty()) {
        vacant.add(range.role());
      }
    }
    since.keySet().retainAll(vacant);
    vacant.forEach(role -> since.putIfAbsent(role, now));
  }

  /** Whether that role has been vacant for so long that nothing is to be waited for. */
  public boolean lasting(String role, long now) {
    Long at = since.get(role);
    return at != null && now - at >= patienceNanos;
  }
}
