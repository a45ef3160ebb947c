package dev.limpet.cli.demo;

import dev.limpet.cli.load.CallOutcome;
import dev.limpet.cli.load.ClusterClient;
import dev.limpet.cli.load.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/*
 * Many callers, each with a connection to one node at a time, all of them calling all processes: one is added to a
 * counter, one cent is paid into a wallet. Every fourth call carries an idempotency key. When such a call's outcome is
 * unknown, it is repeated with its key until it is settled, and counts once; the others are noted as unknown.
 */
/** The demo's real work. */
final class DemoLoad implements AutoCloseable {
  private static final int CALL_MILLIS = 5_000;
  private static final int KEYED_EVERY = 4;
  private static final long RETRY_NANOS = 10_000_000;
  private static final long SETTLE_NANOS = 20_000_000_000L;

  private final List<Target> targets = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private final AtomicLong sequence = new AtomicLong();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder settled = new LongAdder();
  private final LongAdder notRun = new LongAdder();
  private volatile @Nullable String lastTrouble;
  private volatile boolean stopped;
  private volatile long stoppedNanos;

  /** One process, how it is called, and what was acknowledged of it. */
  record Target(
      String type, String key, String method, String arguments, String reader, Tally tally) {
    static Target counter(String key, Tally tally) {
      return new Target("counter", key, "add", "{\"n\":1}", "get", tally);
    }

    static Target wallet(String key, Tally tally) {
      return new Target("wallet", key, "deposit", "{\"cents\":1}", "balance", tally);
    }
  }

  private DemoLoad(int keys) {
    for (int i = 0; i < keys; i++) {
      targets.add(
          i % 2 == 0
              ? Target.counter("visitor-" + i, new Tally())
              : Target.wallet("user-" + i, new Tally()));
    }
  }

  static DemoLoad start(List<String> nodes, int callers, int keys) {
    DemoLoad load = new DemoLoad(keys);
    for (int i = 0; i < callers; i++) {
      ClusterClient client = new ClusterClient(nodes, i, CALL_MILLIS);
      load.callers.add(Thread.ofVirtual().name("caller-" + i).start(() -> load.run(client)));
    }
    return load;
  }

  private void run(ClusterClient client) {
    try (client) {
      while (!stopped) {
        Target target = targets.get(ThreadLocalRandom.current().nextInt(targets.size()));
        long number = sequence.incrementAndGet();
        if (number % KEYED_EVERY == 0) {
          callUntilSettled(client, target, "demo-" + number);
        } else {
          callOnce(client, target);
        }
      }
    }
  }

  private void callOnce(ClusterClient client, Target target) {
    switch (client.call(target.type(), target.key(), target.method(), target.arguments(), null)) {
      case CallOutcome.Done done -> acknowledged(target, done);
      case CallOutcome.NotRun why -> {
        notRun.increment();
        pauseAfter(why.why());
      }
      case CallOutcome.Unknown why -> {
        target.tally().unknown();
        pauseAfter(why.why());
      }
    }
  }

  private void callUntilSettled(ClusterClient client, Target target, String idempotencyKey) {
    boolean mayHaveRun = false;
    while (true) {
      switch (client.call(
          target.type(), target.key(), target.method(), target.arguments(), idempotencyKey)) {
        case CallOutcome.Done done -> {
          acknowledged(target, done);
          if (mayHaveRun) {
            settled.increment();
          }
          return;
        }
        case CallOutcome.NotRun why -> {
          notRun.increment();
          pauseAfter(why.why());
        }
        case CallOutcome.Unknown why -> {
          mayHaveRun = true;
          pauseAfter(why.why());
        }
      }
      if (stopped && (!mayHaveRun || System.nanoTime() - stoppedNanos > SETTLE_NANOS)) {
        if (mayHaveRun) {
          target.tally().unknown();
        }
        return;
      }
    }
  }

  private void acknowledged(Target target, CallOutcome.Done done) {
    target.tally().acknowledged(Long.parseLong(done.result().strip()));
    acknowledged.increment();
  }

  private void pauseAfter(String trouble) {
    lastTrouble = trouble;
    LockSupport.parkNanos(RETRY_NANOS);
  }

  /** All processes that are called. */
  List<Target> targets() {
    return targets;
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  /** Calls whose answer was lost at first, and that were settled by their idempotency key. */
  long settled() {
    return settled.sum();
  }

  /** Attempts that certainly did not run. */
  long notRun() {
    return notRun.sum();
  }

  /** Why a call failed, the latest one; null if none did. */
  @Nullable String lastTrouble() {
    return lastTrouble;
  }

  /** Ends the calls, and waits until none is under way and those with a key are settled. */
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

  @Override
  public void close() {
    stop();
  }
}
