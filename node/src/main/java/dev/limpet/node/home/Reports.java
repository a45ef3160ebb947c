package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What can be told of the processes in this node's memory, and of those that fail; racy by nature. */
final class Reports {
  private final Services services;
  private final StuckTurns stuck;
  private final Supplier<List<Slot>> slots;
  private final IntFunction<@Nullable Ownership> owns;

  Reports(
      Services services,
      StuckTurns stuck,
      Supplier<List<Slot>> slots,
      IntFunction<@Nullable Ownership> owns) {
    this.services = services;
    this.stuck = stuck;
    this.slots = slots;
    this.owns = owns;
  }

  /** See {@link LocalShards#processes}. */
  List<LiveReport> some(@Nullable String type, @Nullable String state, int limit) {
    Found reports = new Found(type, state, limit);
    if ("failing".equals(state)) {
      services.supervision().failing().forEach(e -> reports.add(e.getValue(), e.getKey()));
    } else if ("stuck".equals(state)) {
      stuck.all().forEach(a -> reports.add(a.own, a));
    } else {
      for (Slot slot : slots.get()) {
        Ownership own = slot.own;
        if (own != null && !reports.isFull()) {
          own.live().forEach(a -> reports.add(own, a));
        }
      }
    }
    return reports.found;
  }

  private final class Found {
    final List<LiveReport> found = new ArrayList<>();
    private final @Nullable String type;
    private final @Nullable String state;
    private final int limit;

    Found(@Nullable String type, @Nullable String state, int limit) {
      this.type = type;
      this.state = state;
      this.limit = limit;
    }

    boolean isFull() {
      return found.size() >= limit;
    }

    void add(Ownership own, Activation a) {
      if (!isFull() && (type == null || a.id().type().equals(type))) {
        add(report(own, a, false));
      }
    }

    void add(int shard, ProcessId id) {
      LiveReport report =
          isFull() || (type != null && !id.type().equals(type)) ? null : find(shard, id, false);
      if (report != null) {
        add(report);
      }
    }

    private void add(LiveReport report) {
      if (state == null || state.equals(report.state())) {
        found.add(report);
      }
    }
  }

  /** See {@link LocalShards#find}; {@code cells} says whether they are looked at. */
  @Nullable LiveReport find(int shard, ProcessId id, boolean cells) {
    Ownership own = owns.apply(shard);
    if (own == null) {
      return null;
    }
    Activation a = own.find(id);
    if (a != null) {
      return report(own, a, cells);
    }
    Door.Failures failures = services.supervision().failures(id, services.pauseNanos());
    return failures == null
        ? null
        : new LiveReport(
            id, shard, own.epoch(), false, 0, 0, 0, failures.cause(), failures, null, Map.of());
  }

  private LiveReport report(Ownership own, Activation a, boolean cells) {
    long now = System.nanoTime();
    LiveCopy.Snapshot s =
        cells ? a.snapshot() : new LiveCopy.Snapshot(a.process != null, 0, Map.of());
    return new LiveReport(
        a.id(),
        own.shard(),
        own.epoch(),
        s.live(),
        a.waiting(),
        Math.max(0, services.idleMillis(now) - a.usedAtMillis()),
        s.turns(),
        a.lastFailure(),
        services.supervision().failures(a.id(), services.pauseNanos()),
        stuck.report(a, now),
        s.cells());
  }
}
