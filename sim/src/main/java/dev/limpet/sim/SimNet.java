package dev.limpet.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Frames between nodes: delayed, lost and overtaken by each other. A frame goes from one start of a node to one start of
 * another, as on a connection: what the receiver's next start gets is never an old frame.
 */
final class SimNet {
  private final Simulation sim;
  private final List<SimNode> nodes;
  private final boolean[][] cut;

  /** What waits in each direction that is clogged; by from and to. */
  private final Map<List<Integer>, List<Runnable>> clogged = new HashMap<>();

  private double loss;
  private double slow;

  SimNet(Simulation sim, List<SimNode> nodes, SimConfig config) {
    this.sim = sim;
    this.nodes = nodes;
    this.cut = new boolean[config.nodes()][config.nodes()];
    this.loss = config.loss();
    this.slow = config.slow();
  }

  void cut(int from, int to, boolean broken) {
    cut[from][to] = broken;
  }

  /** Frames of that direction are held back, and delivered when it is open again. */
  void clog(int from, int to, boolean held) {
    List<Integer> way = List.of(from, to);
    if (held) {
      clogged.computeIfAbsent(way, w -> new ArrayList<>());
    } else {
      List<Runnable> waiting = clogged.remove(way);
      if (waiting != null) {
        waiting.forEach(r -> sim.after(delay(from, to), r));
      }
    }
  }

  void quality(double newLoss, double newSlow) {
    loss = newLoss;
    slow = newSlow;
  }

  boolean open(int from, int to) {
    return from == to || !cut[from][to];
  }

  /** Both nodes run, and frames pass both ways. */
  boolean connected(int a, int b) {
    return nodes.get(a).running()
        && nodes.get(b).running()
        && open(a, b)
        && open(b, a)
        && (clogged.isEmpty()
            || (!clogged.containsKey(List.of(a, b)) && !clogged.containsKey(List.of(b, a))));
  }

  /** Whether that node and those that it is connected to are a majority. */
  boolean majority(int node) {
    if (!nodes.get(node).running()) {
      return false;
    }
    int count = 0;
    for (int other = 0; other < nodes.size(); other++) {
      count += connected(node, other) ? 1 : 0;
    }
    return count > nodes.size() / 2;
  }

  /** Sends; {@code arrives} runs on the receiver, or never. */
  void send(int from, int to, Runnable arrives) {
    send(from, to, arrives, () -> {});
  }

  /** Sends; {@code refused} runs on the sender when the receiver's process is known to be down. */
  void send(int from, int to, Runnable arrives, Runnable refused) {
    SimNode sender = nodes.get(from);
    SimNode receiver = nodes.get(to);
    int senderStart = sender.starts();
    int receiverStart = receiver.starts();
    if (from != to && (!open(from, to) || sim.chance(loss))) {
      return;
    }
    Runnable arrival =
        () -> {
          if (!receiver.up() || receiver.starts() != receiverStart) {
            if (open(to, from)) {
              sim.after(delay(to, from), () -> sender.event(senderStart, refused));
            }
          } else if (open(from, to)) {
            receiver.event(receiverStart, arrives);
          }
        };
    List<Runnable> waiting = clogged.isEmpty() ? null : clogged.get(List.of(from, to));
    if (waiting == null) {
      sim.after(delay(from, to), arrival);
    } else {
      waiting.add(arrival);
    }
  }

  private long delay(int from, int to) {
    if (from == to) {
      return 10_000;
    }
    return sim.chance(slow)
        ? sim.between(5 * Simulation.MS, 400 * Simulation.MS)
        : sim.between(100_000, 3 * Simulation.MS);
  }
}
