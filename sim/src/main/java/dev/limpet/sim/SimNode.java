package dev.limpet.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node as its machine sees it: a process that starts, crashes, is stopped for a while, or whose machine is suspended;
 * and its clocks. What it remembers is a {@link NodeLife}, a new one for each start.
 */
final class SimNode {
  private final int number;
  private final Cluster cluster;
  private final Simulation sim;
  private int starts;
  private @Nullable NodeLife life;
  private boolean stopped;
  private boolean suspended;
  private long stoppedAt;
  private long offset;
  private double rate;
  private long suspendedNanos;
  private final List<Runnable> held = new ArrayList<>();

  SimNode(int number, Cluster cluster) {
    this.number = number;
    this.cluster = cluster;
    this.sim = cluster.sim();
  }

  int number() {
    return number;
  }

  String name() {
    return "n" + number;
  }

  int starts() {
    return starts;
  }

  boolean up() {
    return life != null;
  }

  boolean running() {
    return life != null && !stopped;
  }

  @Nullable NodeLife life() {
    return life;
  }

  void startIfDown() {
    if (life == null) {
      start();
    }
  }

  void start() {
    starts++;
    stopped = false;
    suspended = false;
    held.clear();
    offset = sim.between(0, 1_000_000 * Simulation.MS);
    boolean wrong = !cluster.config().clocksAreRight() && sim.chance(0.6);
    rate = 1 + (sim.random().nextDouble() * 2 - 1) / (wrong ? 3 : 101);
    suspendedNanos = 0;
    sim.say(name() + " starts (clock rate " + rate + ")");
    life = new NodeLife(this, cluster);
    life.start();
  }

  /** Loses its memory; what is in the logs stays. */
  void crash() {
    sim.say(name() + " crashes");
    NodeLife lost = Objects.requireNonNull(life);
    life = null;
    held.clear();
    stopped = false;
    cluster.ledger().stop(number);
    cluster.store().stop(number);
    lost.lost();
  }

  /** Nothing of it runs for a while; with {@code machine} its monotonic clock stands still too. */
  void stop(boolean machine) {
    if (running()) {
      sim.say(name() + (machine ? " is suspended" : " is stopped"));
      stopped = true;
      suspended = machine;
      stoppedAt = sim.now();
    }
  }

  void resume() {
    if (life == null || !stopped) {
      return;
    }
    sim.say(
        name()
            + " goes on after "
            + (sim.now() - stoppedAt) / Simulation.MS
            + " ms, "
            + held.size()
            + " events wait");
    if (suspended) {
      suspendedNanos += sim.now() - stoppedAt;
    }
    stopped = false;
    suspended = false;
    int of = starts;
    // What came meanwhile runs now, in any order that keeps each sender's.
    List<Runnable> waiting = new ArrayList<>(held);
    held.clear();
    long delay = 0;
    for (Runnable r : waiting) {
      delay += sim.between(0, 20_000);
      sim.after(delay, () -> event(of, r));
    }
  }

  /** This process's monotonic clock, now. */
  long clock() {
    long asleep = suspendedNanos + (suspended ? sim.now() - stoppedAt : 0);
    return offset + (long) ((sim.now() - asleep) * rate);
  }

  /** Its wall clock, which a suspended machine does not stop. */
  long wallClock() {
    return (long) (sim.now() * rate);
  }

  /** Runs something in this process, if it is still that start of it; later, if it is stopped. */
  void event(int start, Runnable run) {
    if (life == null || start != starts) {
      return;
    }
    if (stopped) {
      held.add(() -> event(start, run));
      return;
    }
    run.run();
  }

  /** A timer of this process, by its own clock. */
  void after(long nanos, Runnable run) {
    int start = starts;
    sim.after((long) (nanos / rate), () -> event(start, run));
  }

  /** By true time: whether a turn of that process could begin here, under a lease. */
  boolean serves(String key, int hashedShard) {
    return life != null && !suspended && life.homes().open(key, hashedShard) && life.wouldBegin();
  }
}
