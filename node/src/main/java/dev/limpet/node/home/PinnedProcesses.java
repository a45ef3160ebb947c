package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.Placement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which processes of each hashed shard have a home of their own, as of the newest view. Not thread-safe. */
final class PinnedProcesses {
  private Map<Integer, Set<ProcessId>> byShard = Map.of();

  void placed(Placement view) {
    Map<Integer, Set<ProcessId>> now = new HashMap<>();
    for (Pin p : view.pins().all()) {
      now.computeIfAbsent(p.hashed(), hashed -> new HashSet<>()).add(p.id());
    }
    byShard = now;
  }

  /** Those that are hashed into that shard. */
  Set<ProcessId> of(int hashed) {
    return byShard.getOrDefault(hashed, Set.of());
  }

  /**
   * Those of the shard whose pins await its opening here, to take over what the processes had in memory: kept for them, and
   * served in the shard no more than the other pinned ones.
   */
  static Set<ProcessId> awaited(int hashed, List<Slot> pins) {
    Set<ProcessId> awaited = new HashSet<>();
    for (Slot slot : pins) {
      Pin pin = slot.pin;
      if (pin != null && pin.hashed() == hashed && slot.awaitsHashed) {
        awaited.add(pin.id());
      }
    }
    return awaited;
  }
}
