package dev.limpet.cli.chaos;

import dev.limpet.cli.chaos.FaultPlan.Planned;
import dev.limpet.cli.chaos.FaultPlan.Step;
import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/*
 * A step is a calm time, one or two faults at once, their end, and then deadlines: every watched process must be
 * reached, and later every node must serve and every shard have a home. The next step begins when all is well, so
 * that each interruption has one cause; what is never well again ends the run.
 *
 * How long until the keys are reached: a lease that was renewed just before (3 s) and its grantor's patience (0.5 s);
 * an election of each of two groups (2 s each at most); claims and loads (1 s); a call that hangs on a node that does
 * not answer, and the turn to the next one (2 s): 10.5 s, and as much again for a machine on which all nodes and their
 * callers share few processors. A node that is started needs a JVM's start and the catching up of its replicas besides.
 */
/** One run on a cluster that serves: faults by plan under load, and the verdict. For one thread, once. */
final class ChaosRun {
  /** Within how many seconds after the end of a fault every watched process must be reached. */
  static final int KEYS_SECONDS = 21;

  /** Within how many seconds after the end of a fault all nodes must serve and all shards have a home. */
  static final int NODES_SECONDS = 90;

  /** How long a node whose disk was lost may take, after it serves again, until it has its vote back. */
  private static final long VOTE_MILLIS = 20_000;

  private static final int LAST_LINES = 12;

  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long READ_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final LocalCluster cluster;
  private final Injector injector;
  private final FaultPlan plan;
  private final History history;
  private final Stalls stalls;
  private final PrintWriter err;
  private final List<Incident> incidents = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();
  private volatile String now = "calm";
  private volatile boolean over;

  /** When all keys were reached and all nodes were well; null for never. */
  private record Recovery(@Nullable Long keysNanos, @Nullable Long nodesNanos) {}

  ChaosRun(
      LocalCluster cluster,
      Injector injector,
      FaultPlan plan,
      History history,
      Stalls stalls,
      PrintWriter err) {
    this.cluster = cluster;
    this.injector = injector;
    this.plan = plan;
    this.history = history;
    this.stalls = stalls;
    this.err = err;
  }

  /** Runs for a time, and as long as the last fault takes; then compares everything. */
  void run(long nanos, long seed) {
    Thread unused = Thread.ofPlatform().daemon().name("chaos-progress").start(this::progress);
    try (Callers callers = Callers.start(cluster.http(), history, seed)) {
      expect("at the beginning", 0);
      while (findings.isEmpty() && history.now() < nanos) {
        incidents.add(step(plan.next()));
      }
      now = "ending";
      callers.stop();
      callers.readAll(READ_NANOS);
    } finally {
      over = true;
    }
    say("checking " + history.size() + " operations");
    findings.addAll(Checks.all(history.operations()));
  }

  List<Incident> incidents() {
    return List.copyOf(incidents);
  }

  /** What must not be; empty if all is well. */
  List<String> findings() {
    return List.copyOf(findings);
  }

  private Incident step(Step step) {
    waitFor(step.calmMillis());
    long began = history.now();
    long stalledBefore = stalls.nanos();
    List<Injector.Active> active = new ArrayList<>();
    for (Planned planned : step.faults()) {
      now = planned.kind().word() + " begins";
      try {
        Injector.Active one = injector.begin(planned);
        active.add(one);
        say(one.what());
      } catch (Refusal e) {
        findings.add(planned.kind().word() + ": " + e.getMessage());
      }
    }
    List<String> what = active.stream().map(Injector.Active::what).toList();
    String told = String.join("; ", what);
    now = told;
    long hold = step.faults().stream().mapToLong(Planned::holdMillis).max().orElse(0);
    waitFor(hold);
    active.forEach(each -> each.heal().run());
    long healed = history.now();
    now = "healing after: " + told;
    Recovery recovery = expect(told, healed);
    now = "calm";
    long end = history.now();
    List<Operation> meanwhile = history.since(began);
    Incident incident =
        new Incident(
            step.faults().stream().map(Planned::kind).toList(),
            what,
            began,
            healed,
            recovery.keysNanos,
            recovery.nodesNanos,
            Math.max(0, history.gaps().longestSince(began, end) - (stalls.nanos() - stalledBefore)),
            meanwhile.stream().filter(each -> each.outcome() == Operation.Outcome.NOT_RUN).count(),
            meanwhile.stream().filter(each -> each.outcome() == Operation.Outcome.UNKNOWN).count());
    say(
        String.format(
            Locale.ROOT,
            "well again %.1f s after its end; longest gap of a key %.2f s, %d unknown",
            (end - healed) / 1e9,
            incident.longestGapNanos() / 1e9,
            incident.unknown()));
    if (findings.isEmpty() && incident.kinds().contains(FaultKind.WIPE)) {
      waitFor(VOTE_MILLIS);
    }
    return incident;
  }

  /** Waits until all is well, and notes what is not in time. */
  private Recovery expect(String after, long healedNanos) {
    Set<String> watched = Callers.watched();
    boolean keys =
        within(KEYS_SECONDS, () -> history.reachedSince(healedNanos).containsAll(watched));
    Long keysAt = keys ? history.now() : null;
    if (!keys) {
      watched.removeAll(history.reachedSince(healedNanos));
      findings.add(
          "after %s: %d of the watched processes were not reached within %d s, such as %s; the latest trouble: %s"
              .formatted(
                  after,
                  watched.size(),
                  KEYS_SECONDS,
                  watched.stream().findFirst().orElse("none"),
                  history.latestTrouble()));
    }
    boolean nodes = within(NODES_SECONDS, () -> Health.ailments(cluster).isEmpty());
    if (!nodes) {
      List<String> ailments = Health.ailments(cluster);
      findings.add(
          "after %s: not well within %d s: %s%s"
              .formatted(after, NODES_SECONDS, String.join("; ", ailments), lastWords()));
    }
    return new Recovery(keysAt, nodes ? history.now() : null);
  }

  /** What the nodes that do not serve said last; where their threads stand is in their logs from now on. */
  private String lastWords() {
    StringBuilder words = new StringBuilder();
    for (NodeChild node : cluster.nodes()) {
      if (!node.isReady()) {
        words.append("\n  the last words of ").append(node.id()).append(":\n    ");
        words.append(String.join("\n    ", node.lastWords(LAST_LINES)));
        if (node.isAlive()) {
          node.dumpThreads();
        }
      }
    }
    return words.toString();
  }

  private boolean within(int seconds, BooleanSupplier condition) {
    long began = System.nanoTime();
    long stalledBefore = stalls.nanos();
    while (!condition.getAsBoolean()) {
      long lasted = System.nanoTime() - began - (stalls.nanos() - stalledBefore);
      if (lasted > TimeUnit.SECONDS.toNanos(seconds)) {
        return false;
      }
      injector.restartStopped();
      tick();
    }
    return true;
  }

  private void waitFor(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() - end < 0) {
      tick();
    }
  }

  private void progress() {
    long due = PROGRESS_NANOS;
    while (!over) {
      tick();
      if (history.now() >= due) {
        due = history.now() + PROGRESS_NANOS;
        say(
            String.format(
                Locale.ROOT,
                "%,d operations, %,d done, %,d unknown; %s",
                history.size(),
                history.done(),
                history.unknown(),
                now));
      }
    }
  }

  private static void tick() {
    LockSupport.parkNanos(TICK_NANOS);
  }

  private void say(String what) {
    err.println(String.format(Locale.ROOT, "%6.1f s  %s", history.now() / 1e9, what));
    err.flush();
  }
}
