package dev.limpet.testkit;

import dev.limpet.node.MemoryNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What holds the nodes of a cluster up, just now: the network between them, their store, and they themselves. Thread-safe. */
final class Conditions {
  // Guarded by this.
  private final Map<String, Life> lives = new HashMap<>();
  private final Set<Way> cuts = new HashSet<>();

  private volatile Store store = Store.WORKS;

  /** From one node to another. */
  private record Way(String from, String to) {}

  /** How the store answers. */
  enum Store {
    WORKS,
    /** It does nothing, and says so. */
    REFUSES,
    /** It does what it is asked, and nobody learns of it. */
    LOSES_ANSWERS
  }

  private enum State {
    UP,
    FROZEN,
    DEAD
  }

  /** One start of a node, up to its end. */
  final class Life implements MemoryNode.Holdup {
    private final String node;
    private volatile State state = State.UP;

    private Life(String node) {
      this.node = node;
    }

    @Override
    public void awaitFrom(String other) throws IOException {
      awaitPassage(other, this);
    }

    @Override
    public boolean goesOn() {
      if (state == State.FROZEN) {
        awaitThaw(this);
      }
      return state == State.UP;
    }

    boolean isFrozen() {
      return state == State.FROZEN;
    }

    boolean isDead() {
      return state == State.DEAD;
    }
  }

  synchronized Life begin(String node) {
    Life life = new Life(node);
    lives.put(node, life);
    return life;
  }

  synchronized void end(Life life) {
    life.state = State.DEAD;
    lives.remove(life.node, life);
    notifyAll();
  }

  synchronized void freeze(Life life, boolean frozen) {
    if (life.state != State.DEAD) {
      life.state = frozen ? State.FROZEN : State.UP;
      notifyAll();
    }
  }

  /** Nothing gets from the first to the second any more. */
  synchronized void cut(String from, String to) {
    cuts.add(new Way(from, to));
    notifyAll();
  }

  synchronized void heal() {
    cuts.clear();
    notifyAll();
  }

  void store(Store now) {
    store = now;
  }

  Store store() {
    return store;
  }

  /** Whether what the first sends gets to the second now. */
  synchronized boolean reaches(String from, String to) {
    return goes(lives.get(from)) && goes(lives.get(to)) && !cuts.contains(new Way(from, to));
  }

  private static boolean goes(@Nullable Life life) {
    return life != null && life.state == State.UP;
  }

  private synchronized void awaitPassage(String from, Life to) throws IOException {
    while (lives.containsKey(from) && to.state != State.DEAD && !isOpen(from, to)) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (!lives.containsKey(from) || to.state == State.DEAD) {
      throw new IOException("the connection of " + from + " and " + to.node + " has ended");
    }
  }

  private boolean isOpen(String from, Life to) {
    return goes(lives.get(from)) && goes(to) && !cuts.contains(new Way(from, to.node));
  }

  private synchronized void awaitThaw(Life life) {
    boolean interrupted = false;
    while (life.state == State.FROZEN) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // A frozen thread notices nothing; it is told when it goes on.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
