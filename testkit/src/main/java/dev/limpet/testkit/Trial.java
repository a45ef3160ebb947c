package dev.limpet.testkit;

import dev.limpet.CellMisused;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.ProcessFailed;
import dev.limpet.Reads;
import dev.limpet.Ref;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many callers of one type of process, and a model that says what one process would answer. Run on a {@link TestCluster}
 * while {@link Faults} happen, it fails if the answers of any key cannot all have come from one copy that runs one call at a
 * time: an acknowledged effect that is gone, one that counts twice, an answer from an old copy.
 *
 * <pre>{@code
 * Trial.of(Counter.class, 0L)
 *     .call("add 1", counter -> counter.add(1), sum -> Expected.answer(sum + 1, sum + 1))
 *     .read("get", Counter::get, sum -> sum)
 *     .run(cluster, Faults.random());
 * }</pre>
 *
 * <p>Three things can come of a call. It was <em>answered</em>, with a result or a declared exception: then the model must
 * agree. It did <em>not run</em> ({@link Executed#NO}): then it must have changed nothing. Or its outcome is
 * <em>unknown</em>: then it may have taken effect at any time after it began, or never, and the model has to fit either way.
 * When all is mended each key is read once more, so that nothing can get lost unnoticed at the end.
 *
 * <p>Not thread-safe; may be run several times, on one cluster or several: each run has keys of its own.
 *
 * @param <P> the interface of the process
 * @param <S> the state of the model: immutable, with {@code equals} and {@code hashCode}
 */
public final class Trial<P, S> {
  private static final int KEYS_MAX = 10_000;
  private static final int CALLERS_MAX = 1_000;
  private static final int CALLS_MAX = 1_000_000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long RETRIED_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

  /** How many there were in this JVM: no two call the same keys. */
  private static final AtomicInteger runs = new AtomicInteger();

  private final Class<P> type;
  private final S initial;
  private final List<Operation<P, S>> operations = new ArrayList<>();
  private int keys = 4;
  private int callers = 8;
  private int calls = 400;
  private Duration deadline = Duration.ofSeconds(3);
  private boolean exactlyOnce;

  /** One way to call the process. */
  record Operation<P, S>(
      String name, Ref.Call<P, ?> call, Function<S, Expected<S>> model, boolean reads) {}

  /**
   * What came of a trial whose answers were all right.
   *
   * @param answered calls with a result or a declared exception
   * @param notRun calls that were refused and certainly did not run
   * @param unknown calls of which nobody knows; none with {@link #exactlyOnce}
   */
  public record Report(long answered, long notRun, long unknown) {}

  private Trial(Class<P> type, S initial) {
    this.type = type;
    this.initial = initial;
  }

  /**
   * A trial of a type.
   *
   * @param initial the model's state of a key that was never called
   */
  public static <P, S> Trial<P, S> of(Class<P> type, S initial) {
    return new Trial<>(type, initial);
  }

  /**
   * A call that may change the process. Callers choose among all operations evenly; name one twice to have it twice as
   * often.
   *
   * @param name for people
   * @param model what is expected of it in a state
   */
  public Trial<P, S> call(String name, Ref.Call<P, ?> call, Function<S, Expected<S>> model) {
    operations.add(new Operation<>(name, call, model, false));
    return this;
  }

  /**
   * A call that changes nothing, such as one to a method with {@link Reads}. One is needed: the first is made at the end
   * too, once for each key.
   *
   * @param answer what it returns in a state
   */
  public Trial<P, S> read(String name, Ref.Call<P, ?> call, Function<S, ?> answer) {
    operations.add(new Operation<>(name, call, s -> Expected.answer(s, answer.apply(s)), true));
    return this;
  }

  /** How many processes are called; 1 to 10,000, by default 4. */
  public Trial<P, S> keys(int value) {
    keys = within("keys", value, KEYS_MAX);
    return this;
  }

  /** How many callers there are, each with one call at a time, from any running node; 1 to 1,000, by default 8. */
  public Trial<P, S> callers(int value) {
    callers = within("callers", value, CALLERS_MAX);
    return this;
  }

  /** How many calls there are at least; 1 to 1,000,000, by default 400. While faults go on there are more. */
  public Trial<P, S> calls(int value) {
    calls = within("calls", value, CALLS_MAX);
    return this;
  }

  /** How long each call may take; by default 3 seconds. */
  public Trial<P, S> deadline(Duration value) {
    deadline = value;
    return this;
  }

  /** Gives each call an idempotency key, and repeats it with that key until it is answered. */
  public Trial<P, S> exactlyOnce() {
    exactlyOnce = true;
    return this;
  }

  private static int within(String what, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(what + " must be 1 to " + max + ", got " + value);
    }
    return value;
  }

  /**
   * Makes the calls while nothing breaks.
   *
   * @throws AssertionError if any answer is wrong
   */
  public Report run(TestCluster cluster) {
    return run(cluster, null);
  }

  /**
   * Makes the calls while the faults happen, mends everything, and judges.
   *
   * @throws AssertionError if any answer is wrong, or a turn threw what its method does not declare
   */
  public Report run(TestCluster cluster, @Nullable Faults faults) {
    if (operations.stream().noneMatch(Operation::reads)) {
      throw new IllegalArgumentException(
          "name a .read(…): without one nobody would notice what is lost at the end");
    }
    Faults.UnderWay breaking = faults == null ? null : faults.begin(cluster);
    Run run = new Run(cluster, faults == null ? 0 : faults.seed(), breaking);
    try {
      run.callAll();
    } finally {
      if (breaking != null) {
        breaking.end();
      }
    }
    run.readAll();
    run.judge();
    return run.report();
  }

  /** One run of the trial. */
  private final class Run {
    private final TestCluster cluster;
    private final long seed;
    private final Faults.@Nullable UnderWay faults;
    private final List<Recording<S>> recordings = new ArrayList<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> bug = new AtomicReference<>();
    private final long endsBy = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);

    Run(TestCluster cluster, long seed, Faults.@Nullable UnderWay faults) {
      int number = runs.incrementAndGet();
      this.cluster = cluster;
      this.seed = seed;
      this.faults = faults;
      for (int k = 1; k <= keys; k++) {
        recordings.add(new Recording<>("k" + k + "-" + number));
      }
    }

    void callAll() {
      List<Thread> threads = new ArrayList<>();
      for (int c = 0; c < callers; c++) {
        SplittableRandom random = new SplittableRandom(seed * CALLERS_MAX + c);
        threads.add(Thread.ofVirtual().name("limpet-caller-" + c).start(() -> call(random)));
      }
      boolean interrupted = false;
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          threads.forEach(Thread::interrupt);
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void call(SplittableRandom random) {
      while (bug.get() == null
          && !Thread.currentThread().isInterrupted()
          && System.nanoTime() - endsBy < 0
          && (begun.incrementAndGet() <= calls || (faults != null && !faults.isOver()))) {
        Operation<P, S> operation = operations.get(random.nextInt(operations.size()));
        Recording<S> recording = recordings.get(random.nextInt(keys));
        String node = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
        String key = exactlyOnce ? Long.toHexString(random.nextLong()) : null;
        call(recording, operation, node, key);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }

    private void call(
        Recording<S> recording, Operation<P, S> operation, String node, @Nullable String key) {
      Recording.Open<S> open = recording.begin(node + " " + operation.name, operation.model);
      long until = System.nanoTime() + RETRIED_NANOS_MAX;
      String through = node;
      boolean mayHaveRun = false;
      while (true) {
        try {
          recording.answered(open, operation.call.on(process(through, recording.key, key)), null);
          return;
        } catch (CellMisused | ProcessFailed e) {
          bug.compareAndSet(null, e);
          return;
        } catch (LimpetException e) {
          mayHaveRun |= e.executed() == Executed.UNKNOWN;
          if (key == null || System.nanoTime() - until >= 0) {
            if (!mayHaveRun) {
              recording.notRun(open);
            } else if (operation.reads) {
              recording.unknownRead(open);
            } else {
              recording.unknown(open);
            }
            return;
          }
        } catch (Exception e) {
          recording.answered(open, null, e);
          return;
        }
        LockSupport.parkNanos(10 * PAUSE_NANOS);
        through = cluster.runningNodes().stream().findAny().orElse(node);
      }
    }

    private P process(String node, String name, @Nullable String key) {
      Ref<P> ref = cluster.node(node).ref(type, name).withDeadline(deadline);
      return (key == null ? ref : ref.withIdempotencyKey(key)).get();
    }

    /** Once everything works, each key is read until that is answered. */
    void readAll() {
      if (bug.get() != null) {
        return;
      }
      Operation<P, S> read = operations.stream().filter(Operation::reads).findFirst().orElseThrow();
      for (Recording<S> recording : recordings) {
        long until = System.nanoTime() + RETRIED_NANOS_MAX;
        int answers = recording.answers();
        while (recording.answers() == answers && bug.get() == null) {
          if (System.nanoTime() - until >= 0) {
            throw new AssertionError(
                recording.key + " cannot be read although everything was mended; " + faults);
          }
          call(recording, read, cluster.runningNodes().getFirst(), null);
        }
      }
    }

    void judge() {
      Throwable thrown = bug.get();
      if (thrown != null) {
        throw new AssertionError("a turn failed by itself, without any fault: " + thrown, thrown);
      }
      for (Recording<S> recording : recordings) {
        String wrong = recording.objection(initial);
        if (wrong != null) {
          throw new AssertionError(wrong + (faults == null ? "" : "\n" + faults));
        }
      }
    }

    Report report() {
      long answered = 0;
      long notRun = 0;
      long unknown = 0;
      for (Recording<S> r : recordings) {
        answered += r.answers();
        notRun += r.notRun();
        unknown += r.unknown();
      }
      return new Report(answered, notRun, unknown);
    }
  }
}
