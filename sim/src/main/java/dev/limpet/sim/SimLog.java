package dev.limpet.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A replicated log, modelled from the outside: one committed sequence, a leader that commits while it is connected to a
 * majority, replicas that apply in order and each with its own lag.
 */
/*
 * What it is to bring about: answers that are lost, entries that are committed though their proposer gave up, entries of
 * a deposed leader that its successor adopts (a prefix of them) or that are lost, a leader that was deposed and does not
 * know it, replicas that stand still. What it takes from Raft without showing it: committed entries are never lost, and
 * a new leader leads only once it has applied everything up to its own first entry.
 */
final class SimLog<C, R> {
  /** What a node does with entries. */
  interface Replica<C, R> {
    R apply(long index, C entry);

    void leads(boolean leading);
  }

  /** What came of an append, told on the node that appended: null when this replica does not lead. */
  record Applied<R>(long index, R result) {}

  private record Entry<C, R>(@Nullable C command, int start, Consumer<@Nullable Applied<R>> then) {}

  private static final class Peer<C, R> {
    @Nullable Replica<C, R> replica;
    long received;
    long applied;
    long leadsTerm;
    boolean pumping;
    boolean stalled;
    final Map<Long, Consumer<@Nullable Applied<R>>> waiters = new HashMap<>();
  }

  private final String name;
  private final Simulation sim;
  private final SimNet net;
  private final List<SimNode> nodes;
  private final Replica<C, R> oracle;
  private final List<@Nullable C> committed = new ArrayList<>();
  private final List<Peer<C, R>> peers = new ArrayList<>();
  private final ArrayDeque<Entry<C, R>> tail = new ArrayDeque<>();
  private int leader = -1;
  private long term;
  private long readyAt;
  private boolean flushing;
  private long flushes;
  private double slow;
  private long unhealthySince = -1;
  private long patience;

  /** {@code oracle} applies each entry at the moment of its commit. */
  SimLog(
      String name,
      Simulation sim,
      SimNet net,
      List<SimNode> nodes,
      double slow,
      Replica<C, R> oracle) {
    this.name = name;
    this.sim = sim;
    this.net = net;
    this.nodes = nodes;
    this.slow = slow;
    this.oracle = oracle;
    for (int i = 0; i < nodes.size(); i++) {
      peers.add(new Peer<>());
    }
    watch();
  }

  /** A node started: its replica applies again what its disk holds, and then goes on. */
  void start(int node, Replica<C, R> replica) {
    Peer<C, R> p = peers.get(node);
    p.replica = replica;
    p.applied = 0;
    p.pumping = false;
    p.leadsTerm = 0;
    p.waiters.clear();
    applyTo(p, p.received);
    pump(node);
  }

  void stop(int node) {
    Peer<C, R> p = peers.get(node);
    p.replica = null;
    p.leadsTerm = 0;
    p.waiters.clear();
    if (sim.chance(0.5)) {
      // What it had not synced is lost; committed entries are on the disks of others.
      p.received = Math.max(0, p.received - sim.between(0, 40));
    }
    if (leader == node) {
      // Even if it is back before anyone noticed, it starts as a follower; what it had appended is
      // on its disk.
      leader = -1;
    }
  }

  void stall(int node, boolean stalled) {
    peers.get(node).stalled = stalled;
  }

  void slow(double share) {
    slow = share;
  }

  long applied(int node) {
    return peers.get(node).applied;
  }

  int leader() {
    return leader;
  }

  /** Puts an entry into the log before anything else runs. */
  void seed(C command) {
    commit(new Entry<>(command, 0, r -> {}));
  }

  /** Appends through a node's own replica; called on that node. */
  void append(int node, C command, Consumer<@Nullable Applied<R>> then) {
    Peer<C, R> p = peers.get(node);
    if (p.leadsTerm == 0) {
      then.accept(null);
    } else if (p.leadsTerm == term && node == leader) {
      tail.addLast(new Entry<>(command, nodes.get(node).starts(), then));
      flush();
    } else {
      sim.say(
          name
              + ": n"
              + node
              + " appends as the deposed leader of term "
              + p.leadsTerm
              + ": "
              + command);
    }
  }

  private void flush() {
    if (flushing || tail.isEmpty() || leader < 0) {
      return;
    }
    flushing = true;
    long id = ++flushes;
    int batch = tail.size();
    long of = term;
    long sync =
        sim.chance(slow)
            ? sim.between(20 * Simulation.MS, 700 * Simulation.MS)
            : sim.between(200_000, 4_000_000);
    sim.after(
        sync,
        () -> {
          if (id != flushes) {
            return;
          }
          flushing = false;
          if (of == term && leader >= 0 && net.majority(leader)) {
            for (int i = 0; i < batch; i++) {
              commit(tail.removeFirst());
            }
            pumpAll();
            flush();
          }
          // Else the watch tries again, or elects another.
        });
  }

  private void commit(Entry<C, R> entry) {
    committed.add(entry.command);
    long index = committed.size();
    if (entry.command != null) {
      oracle.apply(index, entry.command);
    }
    if (leader >= 0 && entry.start == nodes.get(leader).starts() && entry.start > 0) {
      peers.get(leader).waiters.put(index, entry.then);
    }
  }

  private void pumpAll() {
    for (int i = 0; i < peers.size(); i++) {
      pump(i);
    }
  }

  private void pump(int node) {
    Peer<C, R> p = peers.get(node);
    if (p.pumping || p.replica == null || p.stalled || p.applied == committed.size()) {
      return;
    }
    if (p.received <= p.applied && !(leader >= 0 && net.connected(leader, node))) {
      return;
    }
    p.pumping = true;
    int start = nodes.get(node).starts();
    long lag =
        sim.chance(slow)
            ? sim.between(5 * Simulation.MS, 300 * Simulation.MS)
            : sim.between(50_000, 3_000_000);
    long upTo = committed.size();
    sim.after(lag, () -> nodes.get(node).event(start, () -> pumped(node, upTo)));
  }

  private void pumped(int node, long upTo) {
    Peer<C, R> p = peers.get(node);
    p.pumping = false;
    if (!p.stalled) {
      p.received = Math.max(p.received, upTo);
      applyTo(p, p.received);
      ready(node);
    }
    pump(node);
  }

  private void applyTo(Peer<C, R> p, long upTo) {
    while (p.applied < upTo && p.replica != null) {
      p.applied++;
      C command = committed.get((int) p.applied - 1);
      if (command == null) {
        continue;
      }
      long index = p.applied;
      R result = p.replica.apply(index, command);
      Consumer<@Nullable Applied<R>> then = p.waiters.remove(index);
      if (then != null) {
        then.accept(new Applied<>(index, result));
      }
    }
  }

  private void ready(int node) {
    Peer<C, R> p = peers.get(node);
    if (node == leader && p.leadsTerm != term && p.applied >= readyAt && p.replica != null) {
      p.leadsTerm = term;
      p.replica.leads(true);
    }
  }

  /** Looks after the leadership and after whatever stands still. */
  private void watch() {
    boolean healthy = leader >= 0 && net.majority(leader);
    if (healthy) {
      unhealthySince = -1;
      flush();
    } else if (unhealthySince < 0) {
      unhealthySince = sim.now();
      patience = sim.between(150 * Simulation.MS, 700 * Simulation.MS);
    } else if (sim.now() - unhealthySince > patience) {
      elect();
    }
    if (leader >= 0) {
      for (int i = 0; i < peers.size(); i++) {
        Peer<C, R> p = peers.get(i);
        if (p.leadsTerm != 0
            && p.leadsTerm < term
            && p.replica != null
            && net.connected(leader, i)) {
          p.leadsTerm = 0;
          p.waiters.clear();
          p.replica.leads(false);
        }
      }
    }
    pumpAll();
    sim.after(sim.between(20 * Simulation.MS, 60 * Simulation.MS), this::watch);
  }

  /** Makes another node the leader though the present one is well; the present one does not know it yet. */
  void depose() {
    elect();
  }

  private void elect() {
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < peers.size(); i++) {
      if (net.majority(i) && !peers.get(i).stalled && (i != leader || peers.size() == 1)) {
        candidates.add(i);
      }
    }
    if (candidates.isEmpty()) {
      return;
    }
    int adopted = tail.isEmpty() ? 0 : sim.random().nextInt(tail.size() + 1);
    term++;
    int former = leader;
    leader = candidates.get(sim.random().nextInt(candidates.size()));
    unhealthySince = -1;
    sim.say(
        name
            + ": n"
            + leader
            + " is elected in term "
            + term
            + " after n"
            + former
            + "; "
            + adopted
            + " of "
            + tail.size()
            + " open entries survive");
    for (int i = 0; i < adopted; i++) {
      // Whoever appended it hears nothing of it.
      commit(new Entry<>(tail.removeFirst().command, 0, r -> {}));
    }
    tail.clear();
    flushing = false;
    flushes++;
    commit(new Entry<>(null, 0, r -> {}));
    readyAt = committed.size();
    pumpAll();
    ready(leader);
  }
}
