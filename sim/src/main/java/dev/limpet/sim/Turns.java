package dev.limpet.sim;

import dev.limpet.core.home.Tenure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The turns of one node's processes, and the loads before their first. */
final class Turns {
  private final SimNode node;
  private final NodeLife life;
  private final Cluster cluster;
  private final Simulation sim;
  private final Homes homes;
  private final List<Load> loads = new ArrayList<>();

  private record Load(SimShard shard, SimShard.Proc proc, long atLeast) {}

  Turns(SimNode node, NodeLife life, Cluster cluster, Homes homes) {
    this.node = node;
    this.life = life;
    this.cluster = cluster;
    this.sim = cluster.sim();
    this.homes = homes;
  }

  /** The shard is open here: the call waits for its turn. */
  void admit(SimShard s, Calls.Work w) {
    if (s.away.contains(w.op.key)) {
      life.calls().park(w);
      return;
    }
    SimShard.Proc p = s.procs.computeIfAbsent(w.op.key, SimShard.Proc::new);
    p.mailbox.addLast(w);
    next(s, p);
  }

  private void next(SimShard s, SimShard.Proc p) {
    while (!p.busy && !p.loading && !p.mailbox.isEmpty()) {
      if (!(s.machine.tenure() instanceof Tenure.Open open)) {
        return;
      }
      if (p.state == null) {
        load(s, open, p);
        return;
      }
      Calls.Work w = p.mailbox.removeFirst();
      if (w.over) {
        continue;
      }
      if (node.clock() - w.deadline >= 0) {
        w.reply(new Calls.Reply.NotRun("deadline passed"));
      } else if (!life.mayBegin()) {
        life.calls().later(w, "no lease");
      } else {
        begin(s, open, p, w);
      }
    }
  }

  private void load(SimShard s, Tenure.Open open, SimShard.Proc p) {
    p.loading = true;
    loads.add(new Load(s, p, Math.max(open.readFrom(), s.savedAt)));
    storeReached();
  }

  /** The store's replica here has moved on: loads that waited for that can be done. */
  void storeReached() {
    for (Load l : List.copyOf(loads)) {
      if (life.storeApplied() >= l.atLeast && loads.remove(l)) {
        l.proc.loading = false;
        l.proc.state = life.store().load(l.proc.key);
        l.proc.memory = l.shard.arrived.remove(l.proc.key);
        next(l.shard, l.proc);
      }
    }
  }

  void forgetLoads(SimShard s) {
    loads.removeIf(l -> l.shard == s);
  }

  private void begin(SimShard s, Tenure.Open open, SimShard.Proc p, Calls.Work w) {
    cluster.checks().acts("begins a turn", node, s.number, open.epoch(), life, w.op.key);
    w.begun = true;
    p.busy = true;
    s.running++;
    int generation = s.generation;
    long duration =
        sim.chance(0.02)
            ? sim.between(100 * Simulation.MS, 2_500 * Simulation.MS)
            : sim.between(0, 4 * Simulation.MS);
    node.after(
        duration,
        () -> {
          p.busy = false;
          if (s.generation != generation) {
            w.reply(new Calls.Reply.NotRun("its home was lost before anything was saved"));
            return;
          }
          s.running--;
          end(s, open, p, w);
          homes.saves().pump(s);
          next(s, p);
          homes.quiet(s);
        });
  }

  private void end(SimShard s, Tenure.Open open, SimShard.Proc p, Calls.Work w) {
    SimStore.Saved state = Objects.requireNonNull(p.state);
    Long known = state.results().get(w.op.idempotencyKey);
    boolean adds = w.op.kind == Op.Kind.ADD && known == null;
    boolean mayStill = life.mayBegin() && s.machine.tenure().epoch() == open.epoch();
    if (!adds && !mayStill) {
      w.reply(new Calls.Reply.NotRun("the lease ended during the turn"));
      return;
    }
    if (adds && !state.hasRoomFor(w.op.idempotencyKey)) {
      w.reply(new Calls.Reply.NotRun("the table of idempotency keys is full"));
      return;
    }
    cluster.checks().remembers(p.key, p.memory, state.value());
    long turns = p.memory == null ? 0 : p.memory.turns();
    if (adds) {
      SimStore.Saved after = state.added(w.op.idempotencyKey);
      p.state = after;
      p.memory = new SimShard.Memory(p.key, after.value(), turns + 1);
      SimShard.Commit commit =
          new SimShard.Commit(
              List.of(new SimStore.Change(p.key, after, w.op.id)), false, fate -> {});
      p.last = commit;
      s.lane.offer(commit);
      commit.replies.add(new SimShard.Answerable(w, after.value()));
      return;
    }
    p.memory = new SimShard.Memory(p.key, state.value(), turns + 1);
    SimShard.Answerable a = new SimShard.Answerable(w, known == null ? state.value() : known);
    SimShard.Commit last = p.last;
    if (last != null && !last.over) {
      last.replies.add(a);
    } else {
      cluster.checks().acts("answers", node, s.number, open.epoch(), life, w.op.key);
      homes.answer(a, open.epoch());
    }
  }
}
