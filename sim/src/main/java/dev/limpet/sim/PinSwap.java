package dev.limpet.sim;

import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Processes change hands between their hashed shards and their pins, both at home on this node; as {@code PinHandover} of
 * the real node says it.
 */
final class PinSwap {
  private final SimNode node;
  private final NodeLife life;
  private final Homes homes;

  PinSwap(SimNode node, NodeLife life, Homes homes) {
    this.node = node;
    this.life = life;
    this.homes = homes;
  }

  /** Which processes are pinned now; the process of a pin that has ended is in its hashed shard from here on. */
  void placed(Placement view) {
    for (SimShard s : List.copyOf(homes.pins().values())) {
      @Nullable Pin was = s.pin;
      if (was == null || view.at(s.number) != null) {
        continue;
      }
      homes.pins().remove(s.number);
      SimShard into = homes.hashed().get(was.hashed());
      if (s.takeIn != null && s.ownedEpoch != 0 && into.ownedEpoch != 0) {
        long readFrom = s.machine.tenure() instanceof Tenure.Open t ? t.readFrom() : 0;
        into.savedAt = Math.max(into.savedAt, Math.max(s.savedAt, readFrom));
        if (s.between != null) {
          into.arrived.put(s.between.key(), s.between);
        }
      }
      homes.drop(s);
    }
    Map<Integer, Set<String>> pinned = new TreeMap<>();
    view.pins()
        .all()
        .forEach(p -> pinned.computeIfAbsent(p.hashed(), h -> new HashSet<>()).add(p.id().key()));
    homes.hashed().forEach(s -> s.away = pinned.getOrDefault(s.number, Set.of()));
  }

  /** Before a pin is claimed, its process leaves the hashed shard, if that is here; false if there is nothing to wait for. */
  boolean leavesHashedShard(SimShard s, long epoch) {
    @Nullable Pin pin = s.pin;
    if (s.leavingHashed) {
      return true;
    }
    SimShard from = pin == null ? null : homes.hashed().get(pin.hashed());
    s.awaitsHashed = from != null && from.machine.tenure() instanceof Tenure.Claiming;
    if (s.awaitsHashed) {
      return true;
    }
    if (pin == null || from == null || from.ownedEpoch == 0) {
      return false;
    }
    s.leavingHashed = takesOut(from, pin.id().key(), memory -> hasLeft(s, epoch, memory));
    return s.leavingHashed;
  }

  /** Pins that awaited the opening of their hashed shard go on when that is open, or here no more. */
  void goOn() {
    for (SimShard s : List.copyOf(homes.pins().values())) {
      if (s.awaitsHashed) {
        s.awaitsHashed = false;
        if (s.machine.tenure() instanceof Tenure.Claiming t && !leavesHashedShard(s, t.epoch())) {
          homes.claim(s, t.epoch(), t.claim());
        }
      }
    }
  }

  /** Whether a process of a hashed shard is still to leave it for its pin, which awaits that. */
  boolean isAwaited(SimShard hashed, String key) {
    return homes.pins().values().stream()
        .anyMatch(s ->
            s.awaitsHashed
                && s.pin != null
                && s.pin.hashed() == hashed.number
                && s.pin.id().key().equals(key));
  }

  private void hasLeft(SimShard s, long epoch, SimShard.@Nullable Memory memory) {
    s.leavingHashed = false;
    if (homes.pins().get(s.number) == s && s.machine.tenure() instanceof Tenure.Claiming t) {
      s.between = t.epoch() == epoch ? memory : null;
      s.betweenEpoch = epoch;
      homes.claim(s, t.epoch(), t.claim());
    }
  }

  /** Takes a process out that is away: nobody finds it there any more. False if it is not in memory. */
  private boolean takesOut(SimShard from, String key, Consumer<SimShard.@Nullable Memory> then) {
    SimShard.Proc p = from.procs.remove(key);
    if (p == null && !from.arrived.containsKey(key)) {
      return false;
    }
    from.leaving++;
    if (p != null) {
      // A call that has its process loaded goes on with its turn; those behind it go round.
      Calls.@Nullable Work first = p.loading ? p.mailbox.pollFirst() : null;
      goRound(p);
      if (first != null) {
        p.mailbox.addLast(first);
      }
    }
    awaitLeft(from, from.generation, key, p, then);
    return true;
  }

  private void goRound(SimShard.Proc p) {
    List<Calls.Work> again = List.copyOf(p.mailbox);
    p.mailbox.clear();
    again.forEach(w -> life.calls().dispatch(w));
  }

  /** Waits for the load or the turn that is under way, and for its commit. */
  private void awaitLeft(
      SimShard from,
      int generation,
      String key,
      SimShard.@Nullable Proc p,
      Consumer<SimShard.@Nullable Memory> then) {
    node.after(
        500_000,
        () -> {
          boolean lost = from.generation != generation;
          SimShard.@Nullable Commit last = p == null ? null : p.last;
          boolean underWay = p != null && (p.loading || p.busy || (last != null && !last.over));
          if (!lost && underWay) {
            awaitLeft(from, generation, key, p, then);
            return;
          }
          SimShard.@Nullable Memory arrived = null;
          if (!lost) {
            from.leaving--;
            arrived = from.arrived.remove(key);
          }
          if (p != null) {
            goRound(p);
          }
          boolean saved = last == null || last.saved;
          then.accept(lost || !saved ? null : p != null && p.memory != null ? p.memory : arrived);
          homes.quiet(from);
        });
  }

  /** Ending pins whose hashed shards are served here as well are ended in the store. */
  void endPins() {
    List.copyOf(homes.pins().values()).forEach(this::endPin);
  }

  private void endPin(SimShard s) {
    @Nullable Pin pin = s.pin;
    if (s.takeIn != null) {
      proposeTakeIn(s);
      return;
    }
    if (pin == null || s.ownedEpoch == 0 || s.ending || !isToEnd(pin, s)) {
      return;
    }
    s.ending = true;
    s.away = Set.of(pin.id().key());
    int generation = s.generation;
    if (!takesOut(s, pin.id().key(), memory -> end(s, generation, memory))) {
      node.after(0, () -> end(s, generation, null));
    }
  }

  private boolean isToEnd(Pin pin, SimShard s) {
    SimShard hashed = homes.hashed().get(pin.hashed());
    ShardHome at = hashed.placed;
    return pin.ending()
        && pin.at().move() == null
        && s.machine.tenure() instanceof Tenure.Open
        && hashed.machine.tenure() instanceof Tenure.Open t
        && at != null
        && at.move() == null
        && at.home() == life.registration()
        && at.epoch() == t.epoch();
  }

  private void end(SimShard s, int generation, SimShard.@Nullable Memory memory) {
    if (s.generation != generation) {
      return;
    }
    s.lane.offer(
        new SimShard.Commit(
            List.of(),
            true,
            fate -> {
              if (fate == Fate.SAVED && s.generation == generation) {
                s.between = memory;
                s.takeIn =
                    new Command.TakeIn(
                        node.name(), life.registration(), s.number, s.machine.tenure().epoch());
                proposeTakeIn(s);
              }
            }));
    homes.saves().pump(s);
  }

  private void proposeTakeIn(SimShard s) {
    Command.@Nullable TakeIn takeIn = s.takeIn;
    if (takeIn != null && node.clock() - s.takeInAt > 20 * Simulation.MS) {
      s.takeInAt = node.clock();
      life.propose(takeIn, false, r -> {});
    }
  }

  /** Everything of the shard is dropped here. */
  void forget(SimShard s) {
    s.ending = false;
    s.takeIn = null;
    s.between = null;
    if (s.pin != null) {
      s.away = Set.of();
    }
  }
}
