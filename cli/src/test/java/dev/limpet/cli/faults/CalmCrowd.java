package dev.limpet.cli.faults;

import dev.limpet.cli.load.CallOutcome;
import dev.limpet.cli.load.ClusterClient;
import dev.limpet.cli.load.Tally;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/*
 * Nobody here is prepared for a failure: planned changes must not cause any. The one thing that a caller puts up with is
 * that a node which is being stopped does not take, or drops, its connection; it then turns to the next node. Any answer
 * that is not a result is a finding, and so is a value that shows a call lost or done twice.
 */
/** Callers of counters, wallets and visits, through all nodes at once, while nothing fails but by plan. */
final class CalmCrowd implements AutoCloseable {
  private static final int CALLERS = 24;
  private static final int TIMEOUT_MILLIS = 10_000;

  private final List<String> nodes;
  private final List<Subject> subjects = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private final Set<String> stopping = ConcurrentHashMap.newKeySet();
  private final List<String> findings = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();
  private volatile boolean stopped;

  /** One process, what its callers were told, and the longest that one of them waited. */
  private static final class Subject {
    final String type;
    final String key;
    final String method;
    final String arguments;
    final Tally tally = new Tally();
    private long longestNanos;

    Subject(String type, String key, String method, String arguments) {
      this.type = type;
      this.key = key;
      this.method = method;
      this.arguments = arguments;
    }

    synchronized void took(long nanos) {
      longestNanos = Math.max(longestNanos, nanos);
    }

    synchronized long longestNanos() {
      return longestNanos;
    }

    @Override
    public String toString() {
      return type + "/" + key;
    }
  }

  private CalmCrowd(List<String> nodes, String name) {
    this.nodes = nodes;
    for (int i = 0; i < 200; i++) {
      subjects.add(new Subject("counter", name + i, "add", "{\"n\":1}"));
    }
    for (int i = 0; i < 50; i++) {
      subjects.add(new Subject("wallet", name + i, "deposit", "{\"cents\":1}"));
      subjects.add(new Subject("visits", name + i, "hit", ""));
    }
  }

  /**
   * Starts to call nodes that all run.
   *
   * @param nodes HTTP addresses
   */
  static CalmCrowd start(List<String> nodes, String name, long seed) {
    return start(nodes, List.of(), name, seed);
  }

  /**
   * Starts to call, while some of the nodes do not run yet.
   *
   * @param nodes HTTP addresses
   * @param absent those of them to which connections may fail from the first call on, until {@link #stops} says
   *     otherwise
   */
  static CalmCrowd start(List<String> nodes, List<String> absent, String name, long seed) {
    CalmCrowd crowd = new CalmCrowd(List.copyOf(nodes), name);
    crowd.stopping.addAll(absent);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < CALLERS; i++) {
      SplittableRandom own = random.split();
      ClusterClient client = new ClusterClient(nodes, i, TIMEOUT_MILLIS);
      crowd.callers.add(
          Thread.ofVirtual()
              .name("caller-" + i)
              .start(() -> {
                try (client) {
                  while (!crowd.stopped) {
                    crowd.call(client, crowd.subjects.get(own.nextInt(crowd.subjects.size())));
                    Pace.rest(own);
                  }
                }
              }));
    }
    return crowd;
  }

  private void call(ClusterClient client, Subject subject) {
    String node = client.node();
    boolean mayStop = stopping.contains(node);
    long began = System.nanoTime();
    CallOutcome outcome =
        client.call(subject.type, subject.key, subject.method, subject.arguments, null);
    long took = System.nanoTime() - began;
    calls.incrementAndGet();
    switch (outcome) {
      case CallOutcome.Done done -> {
        subject.tally.acknowledged(Long.parseLong(done.result().strip()));
        subject.took(took);
      }
      case CallOutcome.NotRun not -> failed(subject, node, mayStop, not.why());
      case CallOutcome.Unknown unknown -> {
        subject.tally.unknown();
        failed(subject, node, mayStop, unknown.why());
      }
    }
  }

  /** Only the connection to a node that is being stopped may fail, which the reason shows by the node's address. */
  private void failed(Subject subject, String node, boolean mayStop, String why) {
    if ((mayStop || stopping.contains(node)) && why.startsWith(node + ": ")) {
      turnedAway.incrementAndGet();
    } else {
      findings.add(subject + " through " + node + ": " + why);
    }
  }

  /** From now on connections to that HTTP address may fail, or not any more. */
  void stops(String address, boolean now) {
    if (now) {
      stopping.add(address);
    } else {
      stopping.remove(address);
    }
  }

  long calls() {
    return calls.get();
  }

  /** How many calls met a node that was being stopped, and were not answered. */
  long turnedAway() {
    return turnedAway.get();
  }

  /** Ends the calls, and compares what each process holds with what its callers were told. */
  List<String> findings() {
    close();
    try (ClusterClient client = new ClusterClient(nodes, 0, TIMEOUT_MILLIS)) {
      for (Subject s : subjects) {
        String look =
            switch (s.type) {
              case "counter" -> "get";
              case "wallet" -> "balance";
              default -> s.method;
            };
        CallOutcome outcome = client.call(s.type, s.key, look, "", null);
        long value =
            outcome instanceof CallOutcome.Done done ? Long.parseLong(done.result().strip()) : -1;
        // A look at visits is a visit, too.
        Tally.Verdict verdict = s.tally.verdict(look.equals(s.method) ? value - 1 : value);
        if (value < 0 || !verdict.good()) {
          findings.add(s + ": " + outcome + ", " + verdict);
        }
      }
    }
    return List.copyOf(findings);
  }

  /** The longest wait of a caller, for each process: the given percentile over the processes, in milliseconds. */
  double pauseMillis(double percentile) {
    long[] all = subjects.stream().mapToLong(Subject::longestNanos).sorted().toArray();
    return all[(int) Math.ceil(percentile / 100 * all.length) - 1] / 1e6;
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread caller : callers) {
      try {
        caller.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
