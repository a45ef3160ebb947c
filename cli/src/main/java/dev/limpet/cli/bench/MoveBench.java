package dev.limpet.cli.bench;

import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import dev.limpet.cli.load.BenchCounter;
import dev.limpet.examples.Counter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Three nodes, and processes that are each called at a fixed pace from one of them, half of them saved and half in memory,
 * while they are given homes on the other two, one after the other, and then while a node is drained. The pause of a
 * move is the longest that a call to the process waited about it, counted from when the call was due.
 */
final class MoveBench {
  /** How many calls a second are made by default: some load, and not so much that calls wait for each other anyway. */
  static final int RATE = 3_200;

  private static final int NODES = 3;
  private static final int KEYS = 64;
  private static final int ANSWER_MILLIS = 30_000;
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_MILLIS = 20;
  private static final int DIGITS = 3;

  private final ClosedLoop loop;
  private final long paceNanos;
  private final int warmSeconds;
  private final int seconds;
  private final List<Caller> callers = new ArrayList<>();
  private List<String> explained = List.of();

  /**
   * Has moved nothing yet.
   *
   * @param rate calls a second to all processes together, at least 1
   */
  MoveBench(ClosedLoop loop, int rate, int warmSeconds, int seconds) {
    this.loop = loop;
    this.paceNanos = TimeUnit.SECONDS.toNanos(KEYS) / rate;
    this.warmSeconds = warmSeconds;
    this.seconds = seconds;
  }

  private interface Adding {
    long add(long n) throws Exception;
  }

  /** Calls one process again and again, and remembers the longest wait. */
  private static final class Caller {
    final String process;
    private final long paceNanos;
    private final Adding add;
    private final Thread thread;

    // Guarded by this.
    private long longestNanos;
    private long lastDue;
    private @Nullable Exception failure;

    private volatile boolean stopped;

    Caller(String process, long paceNanos, Adding add) {
      this.process = process;
      this.paceNanos = paceNanos;
      this.add = add;
      this.thread = Thread.ofVirtual().name("caller-" + process).start(this::call);
    }

    private void call() {
      long due = System.nanoTime();
      while (!stopped) {
        try {
          long unused = add.add(1);
        } catch (Exception e) {
          failed(e);
          return;
        }
        long now = System.nanoTime();
        synchronized (this) {
          longestNanos = Math.max(longestNanos, now - due);
          lastDue = due;
          notifyAll();
        }
        due = Math.max(due + paceNanos, now - paceNanos);
        LockSupport.parkNanos(due - now);
      }
    }

    private synchronized void failed(Exception e) {
      failure = e;
      notifyAll();
    }

    synchronized void forget() {
      longestNanos = 0;
    }

    /** The longest wait since it was forgotten, once a call was answered that was due after now. */
    synchronized long longestNanos() throws InterruptedException {
      long now = System.nanoTime();
      while (failure == null && lastDue - now < 0) {
        wait();
      }
      if (failure != null) {
        throw Refusal.failed("a call to " + process + " failed: " + failure);
      }
      return longestNanos;
    }

    void stop() throws InterruptedException {
      stopped = true;
      thread.join();
    }
  }

  String run() throws InterruptedException {
    try (BenchMember member = BenchMember.start(NODES, false, loop)) {
      for (int i = 0; i < KEYS / 2; i++) {
        String key = "moved" + i;
        Counter saved = member.limpet().get(Counter.class, key);
        BenchCounter inMemory = member.limpet().get(BenchCounter.class, key);
        callers.add(new Caller("counter/" + key, paceNanos, saved::add));
        callers.add(new Caller("bench-counter/" + key, paceNanos, inMemory::add));
      }
      loop.say(
          String.format(
              Locale.ROOT,
              "calling %d processes, each every %.1f ms; warming up",
              KEYS,
              paceNanos / 1e6));
      List<NodeChild> others = member.cluster().nodes().subList(0, NODES - 1);
      SplittableRandom random = new SplittableRandom();
      move(others, random, warmSeconds, new Histogram(DIGITS));
      unpin(others.getFirst());
      Histogram still = stillness();
      loop.say("moving one after the other");
      Histogram pauses = new Histogram(DIGITS);
      MoveExplained steps = MoveExplained.on(others);
      long moves = move(others, random, seconds, pauses);
      explained = steps.lines(pauses.getValueAtPercentile(50) / 1e6);
      unpin(others.getFirst());
      loop.say("draining " + others.getFirst().id());
      Histogram drained = drain(member, others.getFirst());
      for (Caller caller : callers) {
        caller.stop();
      }
      return String.format(
          Locale.ROOT,
          "RESULT case=move rate=%.1f/s p50=%.0fus p99=%.0fus max=%.0fus moves=%d keys=%d calls=%d/s"
              + " still-p50=%.0fus still-p99=%.0fus drain-p50=%.0fus drain-p99=%.0fus",
          moves / (double) seconds,
          pauses.getValueAtPercentile(50) / 1e3,
          pauses.getValueAtPercentile(99) / 1e3,
          pauses.getMaxValue() / 1e3,
          moves,
          KEYS,
          TimeUnit.SECONDS.toNanos(KEYS) / paceNanos,
          still.getValueAtPercentile(50) / 1e3,
          still.getValueAtPercentile(99) / 1e3,
          drained.getValueAtPercentile(50) / 1e3,
          drained.getValueAtPercentile(99) / 1e3);
    }
  }

  /** What the steps of the moves took. */
  List<String> explained() {
    return explained;
  }

  /** Moves processes for some time; how many were moved. */
  private long move(List<NodeChild> to, SplittableRandom random, int forSeconds, Histogram pauses)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(forSeconds);
    long moves = 0;
    while (System.nanoTime() - end < 0) {
      Caller caller = callers.get(random.nextInt(callers.size()));
      NodeChild target = to.get(random.nextInt(to.size()));
      if (home(target, caller.process).equals(target.id())) {
        continue;
      }
      caller.forget();
      command(target, "/admin/move/" + caller.process + "/" + target.id());
      pauses.recordValue(caller.longestNanos());
      moves++;
    }
    return moves;
  }

  /** What the longest wait of each process is for as long as a move may take, without one. */
  private Histogram stillness() throws InterruptedException {
    Histogram longest = new Histogram(DIGITS);
    callers.forEach(Caller::forget);
    TimeUnit.SECONDS.sleep(1);
    for (Caller caller : callers) {
      longest.recordValue(caller.longestNanos());
    }
    return longest;
  }

  private void unpin(NodeChild asked) {
    for (Caller caller : callers) {
      if (where(asked, caller.process).path("pinned").asBoolean(false)) {
        command(asked, "/admin/unpin/" + caller.process);
      }
    }
  }

  /** The pauses of those processes that lived on the node which is drained. */
  private Histogram drain(BenchMember member, NodeChild drained) throws InterruptedException {
    List<Caller> moved =
        callers.stream().filter(c -> home(drained, c.process).equals(drained.id())).toList();
    moved.forEach(Caller::forget);
    command(drained, "/admin/drain/" + drained.id());
    long end = System.nanoTime() + SETTLED_NANOS;
    while (member.cluster().shards().of(drained.id()) > 0) {
      if (System.nanoTime() - end > 0) {
        throw Refusal.failed("node " + drained.id() + " is not empty after 60 s");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    Histogram pauses = new Histogram(DIGITS);
    for (Caller caller : moved) {
      pauses.recordValue(caller.longestNanos());
    }
    return pauses;
  }

  private static String home(NodeChild asked, String process) {
    return where(asked, process).path("home").asString("");
  }

  private static JsonNode where(NodeChild asked, String process) {
    try (Wire wire = Wire.connect(asked.http(), ANSWER_MILLIS)) {
      Wire.Reply reply = wire.get("/admin/where/" + process, ANSWER_MILLIS);
      return JsonMapper.shared().readTree(reply.body());
    } catch (IOException e) {
      throw Refusal.failed("node " + asked.id() + " does not answer: " + e.getMessage());
    }
  }

  private static void command(NodeChild asked, String path) {
    try (Wire wire = Wire.connect(asked.http(), ANSWER_MILLIS)) {
      Wire.Reply reply = wire.post(path, "", null, ANSWER_MILLIS);
      if (reply.status() != 200) {
        throw Refusal.failed("node " + asked.id() + " did not do " + path + ": " + reply);
      }
    } catch (IOException e) {
      throw Refusal.failed("node " + asked.id() + " does not answer: " + e.getMessage());
    }
  }
}
