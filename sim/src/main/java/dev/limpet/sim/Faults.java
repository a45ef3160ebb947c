package dev.limpet.sim;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Breaks things, each for a while, and mends them; at the end mends everything. */
final class Faults {
  private final Cluster cluster;
  private final Simulation sim;
  private boolean active;
  private final Map<SimConfig.Fault, Integer> counts = new EnumMap<>(SimConfig.Fault.class);

  Faults(Cluster cluster) {
    this.cluster = cluster;
    this.sim = cluster.sim();
  }

  /** How often each kind was injected. */
  Map<SimConfig.Fault, Integer> counts() {
    return counts;
  }

  void begin() {
    active = true;
    if (!cluster.config().faults().isEmpty()) {
      schedule();
    }
  }

  private void schedule() {
    long mean = cluster.config().faultEveryNanos();
    sim.after(sim.between(mean / 10, mean * 19 / 10), this::next);
  }

  private void next() {
    if (!active) {
      return;
    }
    List<SimConfig.Fault> kinds = List.copyOf(cluster.config().faults());
    SimConfig.Fault kind = kinds.get(sim.random().nextInt(kinds.size()));
    counts.merge(kind, 1, Integer::sum);
    inject(kind);
    schedule();
  }

  /** About a lease: sometimes much less, sometimes several. */
  private long about() {
    long lease = cluster.times().lease();
    return switch (sim.random().nextInt(4)) {
      case 0 -> sim.between(10 * Simulation.MS, lease / 2);
      case 1, 2 -> sim.between(lease * 8 / 10, lease * 13 / 10);
      default -> sim.between(lease, 5 * lease);
    };
  }

  private void inject(SimConfig.Fault kind) {
    int a = sim.random().nextInt(cluster.config().nodes());
    int b = sim.random().nextInt(cluster.config().nodes());
    SimNode node = cluster.node(a);
    long lasting = about();
    switch (kind) {
      case CRASH -> {
        if (node.up()) {
          cluster.stopped(node);
          node.crash();
          sim.after(lasting, () -> node.startIfDown());
        }
      }
      case PAUSE -> stop(node, false, lasting);
      case SUSPEND -> stop(node, true, lasting);
      case PARTITION -> partition(lasting);
      case ONE_WAY -> {
        if (a != b) {
          say(
              "frames from n"
                  + a
                  + " to n"
                  + b
                  + " are lost for "
                  + lasting / Simulation.MS
                  + " ms");
          cut(a, b, lasting);
        }
      }
      case ISOLATE -> {
        boolean in = sim.chance(0.6);
        boolean out = !in || sim.chance(0.6);
        say(
            "n"
                + a
                + " is cut off"
                + (in ? " inwards" : "")
                + (out ? " outwards" : "")
                + " for "
                + lasting / Simulation.MS
                + " ms");
        for (int i = 0; i < cluster.config().nodes(); i++) {
          if (i != a && in) {
            cut(i, a, lasting);
          }
          if (i != a && out) {
            cut(a, i, lasting);
          }
        }
      }
      case STALL -> stall(a, lasting);
      case DEPOSE -> {
        if (sim.chance(0.5)) {
          cluster.ledger().depose();
        } else {
          cluster.store().depose();
        }
      }
      case SLOW_DISK -> {
        say("disks are slow for " + lasting / Simulation.MS + " ms");
        cluster.ledger().slow(0.7);
        cluster.store().slow(0.7);
        sim.after(
            lasting,
            () -> {
              cluster.ledger().slow(cluster.config().slow());
              cluster.store().slow(cluster.config().slow());
            });
      }
      case LOSS -> {
        say("the network is bad for " + lasting / Simulation.MS + " ms");
        cluster.net().quality(sim.random().nextDouble() * 0.5, sim.random().nextDouble() * 0.5);
        sim.after(
            lasting,
            () ->
                cluster
                    .net()
                    .quality(active ? cluster.config().loss() : 0, cluster.config().slow()));
      }
      case MOVES -> moves();
      case PINS -> pins();
      case CLOG -> clog();
      case GROW, WRONG_CLOCKS -> {} // from the start
      case FALSE_REPORT -> falseReport(lasting);
      case LATE_EXPIRY -> lateExpiry();
      case DRAIN -> {
        say("operator drains " + node.name());
        operator(new Command.Drain(node.name()));
        sim.after(lasting, () -> operator(new Command.Undrain(node.name())));
      }
      case LEAVE -> {
        NodeLife life = node.life();
        if (life != null && node.running()) {
          say(node.name() + " is to drain and leave");
          life.leave();
          gone(node, node.starts(), lasting, 50);
        }
      }
    }
  }

  /** Ends a process once it has left, or after a while anyway. */
  private void gone(SimNode node, int start, long away, int patience) {
    NodeLife life = node.life();
    if (life == null || node.starts() != start) {
      return;
    }
    if (life.left() || patience == 0) {
      cluster.stopped(node);
      node.crash();
      sim.after(away, () -> node.startIfDown());
    } else {
      sim.after(100 * Simulation.MS, () -> gone(node, start, away, patience - 1));
    }
  }

  private void stop(SimNode node, boolean machine, long lasting) {
    if (node.running()) {
      cluster.stopped(node);
      node.stop(machine);
      sim.after(
          lasting,
          () -> {
            cluster.stopped(node);
            node.resume();
          });
    }
  }

  private void cut(int from, int to, long lasting) {
    cluster.net().cut(from, to, true);
    sim.after(lasting, () -> cluster.net().cut(from, to, false));
  }

  private void partition(long lasting) {
    int nodes = cluster.config().nodes();
    boolean[] side = new boolean[nodes];
    StringBuilder left = new StringBuilder();
    for (int i = 0; i < nodes; i++) {
      side[i] = sim.random().nextBoolean();
      left.append(side[i] ? " n" + i : "");
    }
    say("cut between" + left + " and the others for " + lasting / Simulation.MS + " ms");
    for (int i = 0; i < nodes; i++) {
      for (int j = 0; j < nodes; j++) {
        if (side[i] != side[j]) {
          cut(i, j, lasting);
        }
      }
    }
  }

  private void stall(int a, long lasting) {
    boolean both = sim.chance(0.4);
    boolean ledger = both || sim.chance(0.5);
    say(
        "the replica of the "
            + (both ? "ledger and store" : ledger ? "ledger" : "store")
            + " on n"
            + a
            + " stands still for "
            + lasting / Simulation.MS
            + " ms");
    if (ledger) {
      cluster.ledger().stall(a, true);
    }
    if (both || !ledger) {
      cluster.store().stall(a, true);
    }
    sim.after(
        lasting,
        () -> {
          cluster.ledger().stall(a, false);
          cluster.store().stall(a, false);
        });
  }

  private void moves() {
    Placement view = cluster.checks().ledger().placement();
    List<Member> members = new ArrayList<>(new TreeMap<>(view.members()).values());
    if (members.isEmpty()) {
      return;
    }
    List<Command.MoveWish> wishes = new ArrayList<>();
    List<Command.Released> aborts = new ArrayList<>();
    for (int s : view.numbers()) {
      ShardHome.Move move = moveOf(view, s);
      if (move != null && sim.chance(0.5)) {
        aborts.add(new Command.Released(s, move.id()));
      } else if (sim.chance(0.4)) {
        wishes.add(
            new Command.MoveWish(
                s, members.get(sim.random().nextInt(members.size())).registration()));
      }
    }
    operator(new Command.StartMoves(wishes));
    if (!aborts.isEmpty() || sim.chance(0.3)) {
      sim.after(
          sim.between(0, 100 * Simulation.MS),
          () -> {
            List<Command.Released> all = new ArrayList<>(aborts);
            Placement now = cluster.checks().ledger().placement();
            for (int s : now.numbers()) {
              ShardHome.Move move = moveOf(now, s);
              if (move != null && sim.chance(0.5)) {
                all.add(new Command.Released(s, move.id()));
              }
            }
            operator(new Command.AbortMoves(all));
          });
    }
  }

  /** Clogs some nodes one after the other, and clears them in another order: what was sent comes late, all at once. */
  private void clog() {
    for (int i = 0; i < cluster.config().nodes(); i++) {
      if (sim.chance(0.4)) {
        int which = i;
        long from = sim.between(0, cluster.times().lease() / 2);
        long lasting = about();
        sim.after(from, () -> clog(which, active));
        sim.after(from + lasting, () -> clog(which, false));
      }
    }
  }

  private void clog(int node, boolean held) {
    if (held) {
      say("n" + node + " is clogged");
    }
    boolean inOnly = held && sim.chance(0.2);
    for (int other = 0; other < cluster.config().nodes(); other++) {
      if (other != node) {
        cluster.net().clog(other, node, held);
        cluster.net().clog(node, other, held && !inOnly);
      }
    }
  }

  /** The network between one node, always the same, and another answers for the other: refused. */
  private void falseReport(long lasting) {
    SimNode liar = cluster.node(0);
    SimNode victim = cluster.node(sim.random().nextInt(cluster.config().nodes()));
    say(liar.name() + " takes the port of " + victim.name() + " for refused");
    for (long at = 0; at < lasting; at += 50 * Simulation.MS) {
      sim.after(
          at,
          () -> {
            NodeLife life = liar.life();
            NodeLife of = victim.life();
            if (liar != victim && active && life != null && of != null && liar.running()) {
              life.report(of.registration(), life.registration());
            }
          });
    }
  }

  private static ShardHome.@Nullable Move moveOf(Placement view, int shard) {
    ShardHome at = view.at(shard);
    return at == null ? null : at.move();
  }

  /** An operator gives processes homes of their own, moves those, and takes them away again. */
  private void pins() {
    int keys = cluster.config().keys();
    for (int times = sim.random().nextInt(4); times >= 0; times--) {
      ProcessId id = SimStore.id("k" + sim.random().nextInt(keys));
      String to = cluster.node(sim.random().nextInt(cluster.config().nodes())).name();
      operator(sim.chance(0.6) ? new Command.Pin(id, to) : new Command.Unpin(id));
    }
  }

  /** What a leader proposed that was deposed long ago arrives: renewals have overtaken it. */
  private void lateExpiry() {
    for (Member m : new TreeMap<>(cluster.checks().ledger().placement().members()).values()) {
      long sequence = cluster.checks().ledger().sequenceOf(m.registration());
      if (sequence > 0 && sim.chance(0.5)) {
        operator(new Command.Expire(m.name(), m.registration(), sim.between(0, sequence - 1)));
      }
    }
  }

  private void operator(Command command) {
    for (SimNode node : cluster.nodes()) {
      NodeLife life = node.life();
      if (life != null && node.running()) {
        life.propose(command, true, r -> {});
        return;
      }
    }
  }

  private void say(String what) {
    sim.say("FAULT " + what);
  }

  void heal() {
    active = false;
    int nodes = cluster.config().nodes();
    for (int i = 0; i < nodes; i++) {
      for (int j = 0; j < nodes; j++) {
        cluster.net().cut(i, j, false);
        cluster.net().clog(i, j, false);
      }
      cluster.ledger().stall(i, false);
      cluster.store().stall(i, false);
      cluster.stopped(cluster.node(i));
      cluster.node(i).resume();
      cluster.node(i).startIfDown();
    }
    cluster.net().quality(0, cluster.config().slow());
    cluster.ledger().slow(cluster.config().slow());
    cluster.store().slow(cluster.config().slow());
    for (SimNode n : cluster.nodes()) {
      operator(new Command.Undrain(n.name()));
    }
  }
}
