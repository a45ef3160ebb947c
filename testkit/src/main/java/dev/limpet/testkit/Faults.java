package dev.limpet.testkit;

import dev.limpet.LimpetException;
import dev.limpet.ProcessId;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A series of faults, drawn from a seed, one after the other, each mended before the next.
 *
 * <pre>{@code
 * Faults.random().during(cluster, () -> {
 *   // calls, and what must hold of their answers
 * });
 * }</pre>
 *
 * <p><strong>What a seed gives back:</strong> the same faults, on the same nodes, in the same order, each for the same time.
 * Calls, the nodes' timers and the scheduler's threads run in real time, so which call meets which fault is not the same
 * twice: run a found seed several times. The seed is logged when the faults begin, and stands in what a failed test throws.
 *
 * <p>Immutable; may be used for several clusters.
 */
public final class Faults {
  private static final System.Logger LOG = System.getLogger(Faults.class.getName());
  private static final int ROUNDS = 6;
  private static final int ROUNDS_MAX = 10_000;
  private static final int MOVED_MAX = 5;

  private final long seed;
  private final Set<Fault> kinds;
  private final int rounds;

  private Faults(long seed, Set<Fault> kinds, int rounds) {
    this.seed = seed;
    this.kinds = Collections.unmodifiableSet(EnumSet.copyOf(kinds));
    this.rounds = rounds;
  }

  /** Six faults of all kinds, as that seed has them. */
  public static Faults of(long seed) {
    return new Faults(seed, EnumSet.allOf(Fault.class), ROUNDS);
  }

  /** The same of a seed that was never used before; it is logged. */
  public static Faults random() {
    return of(System.nanoTime() & 0xFFFF_FFFFL);
  }

  /** Only of these kinds. */
  public Faults only(Fault first, Fault... more) {
    return new Faults(seed, EnumSet.of(first, more), rounds);
  }

  /** That many; 1 to 10,000. */
  public Faults rounds(int value) {
    if (value < 1 || value > ROUNDS_MAX) {
      throw new IllegalArgumentException("1 to " + ROUNDS_MAX + " rounds, got " + value);
    }
    return new Faults(seed, kinds, value);
  }

  public long seed() {
    return seed;
  }

  /** What happens while faults do. */
  @FunctionalInterface
  public interface Body {
    void run() throws Exception;
  }

  /**
   * Runs the body on the calling thread while the faults happen on another. They end with the last round, or after the
   * round in which the body returns; then everything is mended. What the body throws is thrown, with the seed.
   */
  public void during(TestCluster cluster, Body body) throws Exception {
    UnderWay faults = begin(cluster);
    try {
      body.run();
    } catch (Throwable e) {
      e.addSuppressed(new Seen(faults.toString()));
      faults.endAfter(e);
      throw e;
    }
    faults.end();
  }

  /** Says in a stack trace which faults there were. */
  static final class Seen extends Exception {
    private static final long serialVersionUID = 1L;

    Seen(String faults) {
      super(faults, null, false, false);
    }
  }

  UnderWay begin(TestCluster cluster) {
    return new UnderWay(cluster, plan(cluster.nodes().size()));
  }

  /**
   * One fault.
   *
   * @param victim the number of a node in the order of names
   * @param holdLeases for how many leases it lasts
   * @param pauseLeases how long before it everything works
   */
  record Round(Fault fault, int victim, double holdLeases, double pauseLeases) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s n%d for %.2f leases", fault, victim + 1, holdLeases);
    }
  }

  List<Round> plan(int nodes) {
    List<Fault> possible = kinds.stream().filter(f -> f.isOf(nodes)).toList();
    if (possible.isEmpty()) {
      throw new IllegalArgumentException(kinds + " need more than one node");
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<Round> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      all.add(
          new Round(
              possible.get(random.nextInt(possible.size())),
              random.nextInt(nodes),
              0.1 + 1.5 * random.nextDouble(),
              0.3 * random.nextDouble()));
    }
    return all;
  }

  /** The faults, happening to a cluster. */
  final class UnderWay {
    private final TestCluster cluster;
    private final List<Round> plan;
    private final SplittableRandom choices = new SplittableRandom(~seed);
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final Thread thread;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;

    private UnderWay(TestCluster cluster, List<Round> plan) {
      this.cluster = cluster;
      this.plan = plan;
      LOG.log(Level.INFO, "faults of seed {0}: {1}", Long.toString(seed), plan);
      thread = Thread.ofPlatform().daemon().name("limpet-faults").start(this::run);
    }

    private void run() {
      try {
        for (Round round : plan) {
          hold(round.pauseLeases);
          if (ended) {
            return;
          }
          done.add(round.toString());
          happen(round);
          cluster.awaitMembers();
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    private void happen(Round round) {
      String victim = cluster.nodes().get(round.victim);
      switch (round.fault) {
        case KILL -> {
          cluster.kill(victim);
          hold(round.holdLeases);
          cluster.start(victim);
        }
        case STOP -> {
          cluster.stop(victim);
          hold(round.holdLeases);
          cluster.start(victim);
        }
        case FREEZE -> {
          cluster.freeze(victim);
          hold(round.holdLeases);
          cluster.thaw(victim);
        }
        case CUT -> {
          cluster.cut(victim);
          hold(round.holdLeases);
          cluster.heal();
        }
        case MUTE -> {
          cluster.mute(victim);
          hold(round.holdLeases);
          cluster.heal();
        }
        case DRAIN -> {
          cluster.drain(victim);
          hold(round.holdLeases);
          cluster.undrain(victim);
        }
        case MOVE -> move(victim, round.holdLeases);
        case BREAK_STORE -> {
          cluster.breakStore();
          hold(round.holdLeases);
          cluster.mendStore();
        }
        case LOSE_STORE_ANSWERS -> {
          cluster.loseStoreAnswers();
          hold(round.holdLeases);
          cluster.mendStore();
        }
        case KILL_UNANSWERED -> {
          cluster.loseStoreAnswers();
          hold(Math.min(0.2, round.holdLeases));
          cluster.kill(victim);
          cluster.mendStore();
          hold(round.holdLeases);
          cluster.start(victim);
        }
      }
    }

    private void move(String from, double holdLeases) {
      List<ProcessId> there = cluster.processesAt(from);
      List<ProcessId> moved = new ArrayList<>();
      for (int i = 0; i < MOVED_MAX && !there.isEmpty(); i++) {
        ProcessId process = there.get(choices.nextInt(there.size()));
        List<String> others = cluster.nodes().stream().filter(n -> !n.equals(from)).toList();
        if (!moved.contains(process)) {
          moved.add(process);
          cluster.move(process, others.get(choices.nextInt(others.size())));
        }
      }
      hold(holdLeases);
      moved.forEach(cluster::unpin);
    }

    /** Waits for that many leases, or until the faults are to end. */
    private void hold(double leases) {
      long until = System.nanoTime() + (long) (leases * cluster.lease().toNanos());
      while (!ended && System.nanoTime() - until < 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }

    /** Whether the last round is over. */
    boolean isOver() {
      return !thread.isAlive();
    }

    /** Ends them and mends everything. */
    void end() {
      ended = true;
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      cluster.mend();
      Throwable why = failure;
      if (why != null) {
        throw new AssertionError("the cluster did not bear it: " + this, why);
      }
    }

    private void endAfter(Throwable e) {
      try {
        end();
      } catch (LimpetException | AssertionError more) {
        e.addSuppressed(more);
      }
    }

    /** The seed, and what has happened. */
    @Override
    public String toString() {
      return "faults of seed " + seed + ", so far: " + List.copyOf(done);
    }
  }
}
