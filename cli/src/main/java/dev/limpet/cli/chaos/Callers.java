package dev.limpet.cli.chaos;

import dev.limpet.cli.chaos.Operation.Action;
import dev.limpet.cli.chaos.Operation.Outcome;
import dev.limpet.cli.load.CallOutcome;
import dev.limpet.cli.load.ClusterClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/*
 * Watched counters are the same for the whole run: their successes tell when a key could not be reached. All others are
 * replaced by new ones every so often, so that histories stay short enough to be searched, and a run meets processes of
 * every age.
 *
 * Every value that is written to a register is written once in a run, so what a read returns names the write.
 */
/** The load: callers of counters, registers and limiters, through all nodes, who note all that they are told. */
final class Callers implements AutoCloseable {
  /** A call that takes longer is given up, and its outcome is unknown. */
  static final int TIMEOUT_MILLIS = 1_500;

  static final int WATCHED = 24;

  private static final int CALLERS_EACH = 2;
  private static final int ONCE_COUNTERS = 6;
  private static final int REGISTERS = 5;
  private static final int CALLERS_OF_REGISTER = 3;
  private static final int LIMITERS = 3;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long GENERATION_NANOS = TimeUnit.SECONDS.toNanos(25);
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int TURN_TO_ANOTHER = 20;
  private static final int REPEATED_ONE_IN = 8;
  private static final String WATCHED_PREFIX = "counter/watched-";

  private final List<String> nodes;
  private final History history;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong written = new AtomicLong();
  private volatile boolean stopped;
  private volatile long stoppedNanos;

  /** One round of a caller. */
  private interface Round {
    /** Calls once; whether it was answered. */
    boolean call(Caller by);
  }

  private Callers(List<String> nodes, History history) {
    this.nodes = nodes;
    this.history = history;
  }

  /**
   * Starts to call.
   *
   * @param nodes HTTP addresses
   * @param seed of what is drawn: which call comes next, by whom, with what
   */
  static Callers start(List<String> nodes, History history, long seed) {
    Callers callers = new Callers(nodes, history);
    for (int each = 0; each < CALLERS_EACH; each++) {
      for (int i = 0; i < WATCHED; i++) {
        String key = WATCHED_PREFIX + i;
        callers.add(seed, by -> by.count(key));
      }
    }
    for (int i = 0; i < ONCE_COUNTERS; i++) {
      String name = "counter/once-" + i + "-";
      callers.add(seed, by -> by.countOnce(name));
    }
    for (int i = 0; i < REGISTERS * CALLERS_OF_REGISTER; i++) {
      String name = "register/r-" + i % REGISTERS + "-";
      callers.add(seed, by -> by.useRegister(name));
    }
    for (int i = 0; i < LIMITERS * CALLERS_EACH; i++) {
      String name = "limiter/l-" + i % LIMITERS + "-";
      callers.add(seed, by -> by.acquire(name));
    }
    callers.threads.forEach(Thread::start);
    return callers;
  }

  /** The processes that are called all the time. */
  static Set<String> watched() {
    return IntStream.range(0, WATCHED)
        .mapToObj(i -> WATCHED_PREFIX + i)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whether a process is called all the time, from the beginning to the end. */
  static boolean isWatched(String key) {
    return key.startsWith(WATCHED_PREFIX);
  }

  private void add(long seed, Round round) {
    int number = threads.size();
    threads.add(
        Thread.ofVirtual()
            .name("caller-" + number)
            .unstarted(() -> {
              try (Caller caller = new Caller(number, seed)) {
                caller.run(round);
              }
            }));
  }

  /** Ends the calls, and waits until none is under way and those with an idempotency key are answered. */
  void stop() {
    if (!stopped) {
      stoppedNanos = System.nanoTime();
      stopped = true;
    }
    for (Thread thread : threads) {
      try {
        thread.join();
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

  /** Reads every counter that was ever added to, until it is answered or the time is over; the reads are noted. */
  void readAll(long patienceNanos) {
    List<String> keys =
        history.operations().stream()
            .filter(operation -> operation.action() == Action.ADD)
            .map(Operation::key)
            .distinct()
            .toList();
    try (Caller reader = new Caller(threads.size(), 1)) {
      long end = System.nanoTime() + patienceNanos;
      for (String key : keys) {
        while (!reader.call(key, Action.GET, 0, 0, "").done() && System.nanoTime() - end < 0) {
          LockSupport.parkNanos(RETRY_NANOS);
        }
      }
    }
  }

  /** One caller, with a connection of its own. For one thread. */
  private final class Caller implements AutoCloseable {
    private final int number;
    private final Random random;
    private final ClusterClient client;
    private @Nullable Operation latestOnce;
    private long onces;
    private long seen;

    Caller(int number, long seed) {
      this.number = number;
      this.random = new Random(seed * 31 + number);
      this.client = new ClusterClient(nodes, number, TIMEOUT_MILLIS);
    }

    void run(Round round) {
      LockSupport.parkNanos((long) (random.nextDouble() * PAUSE_NANOS));
      while (!stopped) {
        boolean answered = round.call(this);
        if (random.nextInt(TURN_TO_ANOTHER) == 0) {
          client.nextNode();
        }
        LockSupport.parkNanos(
            answered ? (long) ((0.5 + random.nextDouble()) * PAUSE_NANOS) : RETRY_NANOS);
      }
    }

    boolean count(String key) {
      boolean adds = random.nextInt(4) > 0;
      return call(key, adds ? Action.ADD : Action.GET, 1, 0, "").done();
    }

    /** Adds with an idempotency key until it is answered, and now and then repeats one that was. */
    boolean countOnce(String name) {
      Operation before = latestOnce;
      if (before != null && random.nextInt(REPEATED_ONE_IN) == 0) {
        return call(before.key(), Action.ADD, 1, 0, before.once()).done();
      }
      String key = name + generation();
      String once = "once-" + number + "-" + onces++;
      Operation latest = call(key, Action.ADD, 1, 0, once);
      while (!latest.done() && (!stopped || System.nanoTime() - stoppedNanos < SETTLE_NANOS)) {
        LockSupport.parkNanos(RETRY_NANOS);
        latest = call(key, Action.ADD, 1, 0, once);
      }
      latestOnce = latest;
      return latest.done();
    }

    boolean useRegister(String name) {
      String key = name + generation();
      Operation latest =
          switch (random.nextInt(4)) {
            case 0 -> call(key, Action.WRITE, written.incrementAndGet(), 0, "");
            case 1 -> call(key, Action.EXCHANGE, written.incrementAndGet(), seen, "");
            default -> call(key, Action.READ, 0, 0, "");
          };
      if (latest.done()) {
        seen =
            switch (latest.action()) {
              case WRITE -> latest.argument();
              case EXCHANGE ->
                  latest.result() == latest.expected() ? latest.argument() : latest.result();
              default -> latest.result();
            };
      }
      return latest.done();
    }

    boolean acquire(String name) {
      return call(name + generation(), Action.TRY_ACQUIRE, 1 + random.nextInt(2), 0, "").done();
    }

    private long generation() {
      return history.now() / GENERATION_NANOS;
    }

    Operation call(String key, Action action, long argument, long expected, String once) {
      int slash = key.indexOf('/');
      Operation begun =
          Operation.begun(key, action, argument, expected, once, history.now(), client.node());
      CallOutcome outcome =
          client.call(
              key.substring(0, slash),
              key.substring(slash + 1),
              action.method(),
              arguments(action, argument, expected),
              once.isEmpty() ? null : once);
      long returned = history.now();
      Operation operation =
          switch (outcome) {
            case CallOutcome.Done done ->
                begun.done(returned, result(action, done.result()), done.home(), done.epoch());
            case CallOutcome.NotRun notRun -> begun.failed(returned, Outcome.NOT_RUN, notRun.why());
            case CallOutcome.Unknown unknown ->
                begun.failed(returned, Outcome.UNKNOWN, unknown.why());
          };
      history.add(operation);
      return operation;
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private static String arguments(Action action, long argument, long expected) {
    return switch (action) {
      case GET, READ -> "";
      case ADD -> "{\"n\":" + argument + "}";
      case WRITE -> "{\"value\":" + argument + "}";
      case EXCHANGE -> "{\"expected\":" + expected + ",\"next\":" + argument + "}";
      case TRY_ACQUIRE -> "{\"permits\":" + argument + "}";
    };
  }

  /** The result as a number; an answer that is none stops the caller, and the run fails by it. */
  private static long result(Action action, String json) {
    if (action == Action.WRITE) {
      return 0;
    }
    try {
      if (action == Action.TRY_ACQUIRE) {
        JsonNode permit = JsonMapper.shared().readTree(json);
        return permit.path("allowed").asBoolean() ? permit.path("remaining").asLong() : -1;
      }
      return Long.parseLong(json.strip());
    } catch (JacksonException | NumberFormatException e) {
      throw new IllegalStateException("an answer that cannot be: " + json, e);
    }
  }
}
