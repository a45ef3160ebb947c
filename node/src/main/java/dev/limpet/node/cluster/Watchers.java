package dev.limpet.node.cluster;

import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.door.Door;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Passes the ledger's decisions on to whoever watches, each once, wherever this node has them from. Thread-safe. */
final class Watchers implements LedgerReplica.Listener {
  private final List<Consumer<Door.Line>> all = new CopyOnWriteArrayList<>();

  // Guarded by this.
  private long toldIndex;

  AutoCloseable add(Consumer<Door.Line> lines) {
    all.add(lines);
    return () -> all.remove(lines);
  }

  @Override
  public void applied(long index, Placement view, List<Decision> decisions) {
    if (!decisions.isEmpty()) {
      tell(DecisionLines.line(index, decisions));
    }
  }

  @Override
  public void told(List<Door.Line> lines) {
    lines.forEach(this::tell);
  }

  private synchronized void tell(Door.Line line) {
    // A node that has just got a replica of its own, or lost it, hears of an entry in both ways.
    if (line.index() > toldIndex) {
      toldIndex = line.index();
      all.forEach(each -> each.accept(line));
    }
  }
}
