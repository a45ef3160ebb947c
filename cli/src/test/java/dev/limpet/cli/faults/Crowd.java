package dev.limpet.cli.faults;

import dev.limpet.cli.load.CallOutcome;
import dev.limpet.cli.load.ClusterClient;
import dev.limpet.cli.load.Tally;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/*
 * Half of the callers turn to the next node when one fails them. The others stay with one node whatever it does, and are
 * patient: their calls are those that are under way at a node when it is killed or stands still, and that it may answer
 * when it goes on. Half of the calls are plain adds, a quarter reads, a quarter adds with an idempotency key, which are
 * repeated until they are answered; when all is over some are repeated once more.
 */
/** Many callers of the same counters, through all nodes at once, and what they were told. */
final class Crowd implements AutoCloseable {
  static final int COUNTERS = 200;

  private static final int ROAMING = 18;
  private static final int STAYING_PER_NODE = 6;
  private static final int ROAMING_MILLIS = 1_500;
  private static final int STAYING_MILLIS = 30_000;
  private static final int REPEATED_MAX = 300;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final List<String> nodes;
  private final List<Sightings> counters = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private final List<Answered> answered = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicLong settled = new AtomicLong();
  private volatile String lastTrouble = "none";
  private volatile boolean stopped;
  private volatile long stoppedNanos;

  /** A call with an idempotency key, and its answer; settled if an attempt before had an unknown outcome. */
  private record Answered(Sightings counter, String idempotencyKey, long value, boolean settled) {}

  private Crowd(List<String> nodes, String name) {
    this.nodes = nodes;
    for (int i = 0; i < COUNTERS; i++) {
      counters.add(new Sightings(name + "-" + i));
    }
  }

  /**
   * Starts to call.
   *
   * @param nodes HTTP addresses
   * @param name begins the counters' keys; its own for each crowd
   */
  static Crowd start(List<String> nodes, String name, long seed) {
    Crowd crowd = new Crowd(List.copyOf(nodes), name);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < ROAMING; i++) {
      crowd.add(new ClusterClient(nodes, i, ROAMING_MILLIS), random.split());
    }
    for (int i = 0; i < STAYING_PER_NODE * nodes.size(); i++) {
      String node = nodes.get(i % nodes.size());
      crowd.add(new ClusterClient(List.of(node), 0, STAYING_MILLIS), random.split());
    }
    return crowd;
  }

  private void add(ClusterClient client, SplittableRandom random) {
    callers.add(
        Thread.ofVirtual()
            .name("caller-" + callers.size())
            .start(() -> {
              try (client) {
                while (!stopped) {
                  call(client, random);
                  Pace.rest(random);
                }
              }
            }));
  }

  /** The first calls are one to each counter, in their order; those after them go to any. */
  private void call(ClusterClient client, SplittableRandom random) {
    if (opened.get() < COUNTERS) {
      int first = opened.getAndIncrement();
      if (first < COUNTERS) {
        addWithKey(client, counters.get(first));
        return;
      }
    }
    Sightings counter = counters.get(random.nextInt(COUNTERS));
    switch (random.nextInt(4)) {
      case 0 -> read(client, counter);
      case 1 -> addWithKey(client, counter);
      default -> add(client, counter);
    }
  }

  private void read(ClusterClient client, Sightings counter) {
    long before = counter.readBegins();
    switch (client.call("counter", counter.key(), "get", "", null)) {
      case CallOutcome.Done done -> counter.read(before, value(done));
      case CallOutcome.NotRun why -> failed(counter, why.why());
      case CallOutcome.Unknown why -> failed(counter, why.why());
    }
  }

  private void add(ClusterClient client, Sightings counter) {
    long before = counter.addBegins();
    switch (client.call("counter", counter.key(), "add", "{\"n\":1}", null)) {
      case CallOutcome.Done done -> counter.added(before, value(done));
      case CallOutcome.NotRun why -> failed(counter, why.why());
      case CallOutcome.Unknown why -> {
        counter.tally().unknown();
        failed(counter, why.why());
      }
    }
  }

  private void addWithKey(ClusterClient client, Sightings counter) {
    String key = counter.key() + "-once-" + sequence.incrementAndGet();
    long before = counter.addBegins();
    boolean mayHaveRun = false;
    while (!stopped || mayHaveRun) {
      switch (client.call("counter", counter.key(), "add", "{\"n\":1}", key)) {
        case CallOutcome.Done done -> {
          counter.added(before, value(done));
          answered.add(new Answered(counter, key, value(done), mayHaveRun));
          if (mayHaveRun) {
            settled.incrementAndGet();
          }
          return;
        }
        case CallOutcome.NotRun why -> failed(counter, why.why());
        case CallOutcome.Unknown why -> {
          mayHaveRun = true;
          failed(counter, why.why());
        }
      }
      if (stopped && System.nanoTime() - stoppedNanos > SETTLE_NANOS) {
        counter.tally().unknown();
        counter.find("a call with an idempotency key was not answered, though all was well again");
        return;
      }
    }
  }

  /** A fault may cost a call, but never by a failure of the process or of the request. */
  private void failed(Sightings counter, String why) {
    lastTrouble = why;
    if (why.contains("LMP-1")
        || why.contains("LMP-3")
        || why.contains("LMP-4")
        || why.startsWith("HTTP status")
        || why.contains("LMP-2006")
        || why.contains("LMP-2007")) {
      counter.find("an answer that no fault explains: " + why);
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private static long value(CallOutcome.Done done) {
    return Long.parseLong(done.result().strip());
  }

  /** Whether every counter has been added to. */
  boolean hasCalledAll() {
    return counters.stream().allMatch(counter -> counter.tally().acknowledged() > 0);
  }

  long acknowledged() {
    return counters.stream().mapToLong(counter -> counter.tally().acknowledged()).sum();
  }

  /** Why a call failed, the latest one. */
  String lastTrouble() {
    return lastTrouble;
  }

  /** Calls whose first answer was lost, and that were settled by their idempotency key. */
  long settled() {
    return settled.get();
  }

  List<String> keys() {
    return counters.stream().map(Sightings::key).toList();
  }

  /** Ends the calls, and waits until none is under way and those with a key are answered. */
  void stop() {
    if (!stopped) {
      stoppedNanos = System.nanoTime();
      stopped = true;
    }
    for (Thread caller : callers) {
      try {
        caller.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** What was found after a stop, when all nodes serve again: sums, order, and the same answers to the same keys. */
  Verdict verdict(long seed) {
    List<String> findings = new ArrayList<>();
    Tally.Verdict sum = Tally.Verdict.NONE;
    List<Long> values = new ArrayList<>();
    for (Sightings counter : counters) {
      long value = readNow(counter, values.size());
      values.add(value);
      Tally.Verdict one = counter.tally().verdict(value);
      sum = sum.plus(one);
      if (!one.good()) {
        findings.add(counter.key() + " is " + value + ": " + one);
      }
      findings.addAll(counter.findings());
    }
    repeat(seed, findings);
    for (int i = 0; i < COUNTERS; i++) {
      long again = readNow(counters.get(i), i + 1);
      if (again != values.get(i)) {
        findings.add(
            counters.get(i).key()
                + " was "
                + values.get(i)
                + " and is "
                + again
                + ", with no add in between");
      }
    }
    return new Verdict(sum, List.copyOf(findings));
  }

  /** The sums, and what must not be. */
  record Verdict(Tally.Verdict sum, List<String> findings) {}

  private void repeat(long seed, List<String> findings) {
    List<Answered> repeated = new ArrayList<>(answered);
    Collections.shuffle(repeated, new Random(seed));
    repeated.sort((a, b) -> Boolean.compare(b.settled, a.settled));
    try (ClusterClient client = new ClusterClient(nodes, 0, STAYING_MILLIS)) {
      for (Answered call : repeated.subList(0, Math.min(REPEATED_MAX, repeated.size()))) {
        client.nextNode();
        CallOutcome outcome = addUntilDone(client, call);
        if (!(outcome instanceof CallOutcome.Done done) || value(done) != call.value) {
          findings.add(
              "the call "
                  + call.idempotencyKey
                  + " was told "
                  + call.value
                  + ", and when it was repeated "
                  + outcome);
        }
      }
    }
  }

  private static CallOutcome addUntilDone(ClusterClient client, Answered call) {
    long end = System.nanoTime() + SETTLE_NANOS;
    while (true) {
      CallOutcome outcome =
          client.call("counter", call.counter.key(), "add", "{\"n\":1}", call.idempotencyKey);
      if (outcome instanceof CallOutcome.Done || System.nanoTime() - end > 0) {
        return outcome;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private long readNow(Sightings counter, int node) {
    try (ClusterClient client = new ClusterClient(nodes, node, ROAMING_MILLIS)) {
      long end = System.nanoTime() + SETTLE_NANOS;
      CallOutcome outcome = client.call("counter", counter.key(), "get", "", null);
      while (!(outcome instanceof CallOutcome.Done) && System.nanoTime() - end < 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
        outcome = client.call("counter", counter.key(), "get", "", null);
      }
      if (outcome instanceof CallOutcome.Done done) {
        return value(done);
      }
      throw new AssertionError("nobody reaches " + counter.key() + ": " + outcome);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
