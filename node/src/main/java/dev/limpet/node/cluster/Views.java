package dev.limpet.node.cluster;

import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.home.Halt;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands the newest view from the thread that applies the ledger to one thread of the node's own, which may take its
 * time; views in between are skipped. What it has been told of is {@link #current}.
 */
final class Views implements LedgerReplica.Listener, AutoCloseable {
  private final Consumer consumer;
  private final Thread thread;
  private volatile State newest = new State(0, Placement.EMPTY);
  private volatile State current = newest;
  private volatile boolean closed;

  private record State(long index, Placement view) {}

  /** Takes one view after the other. */
  interface Consumer {
    void view(Placement view, long applied);
  }

  Views(Consumer consumer) {
    this.consumer = consumer;
    this.thread = Thread.ofPlatform().daemon().name("limpet-views").unstarted(this::work);
  }

  void start() {
    thread.start();
  }

  /** The view that this node acts by. */
  Placement current() {
    return current.view;
  }

  /** The last entry that the view contains. */
  long index() {
    return current.index;
  }

  @Override
  public void applied(long index, Placement view, List<Decision> decisions) {
    synchronized (this) {
      // Told by this node's own replica and by the feed, of which one may be behind.
      if (index <= newest.index && newest.view != Placement.EMPTY) {
        return;
      }
      newest = new State(index, view);
    }
    LockSupport.unpark(thread);
  }

  private void work() {
    while (!closed) {
      State next = newest;
      if (next == current) {
        LockSupport.park(this);
        continue;
      }
      current = next;
      try {
        consumer.view(next.view, next.index);
      } catch (RuntimeException e) {
        // A node that no longer takes views would serve by an old one.
        Halt.now("this node cannot take a view", e);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
