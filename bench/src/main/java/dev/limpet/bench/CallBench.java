package dev.limpet.bench;

import dev.limpet.Limpet;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.Sticky;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** A call to a process that is at home in this JVM: the look at the view, the turn lock, the turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseCompactObjectHeaders")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
@SuppressWarnings("NullAway.Init") // JMH sets it up before it is used
public class CallBench {
  private static final int KEYS = 10_000;

  private Limpet limpet;
  private Tally one;
  private Tally[] many;

  /** A counter in memory. */
  @Sticky("tally")
  public interface Tally {
    long add(long n);
  }

  static final class TallyProcess implements Tally {
    private final Memory<Long> value;

    TallyProcess(ProcessContext self) {
      value = self.memory("value", Long.class, 0L);
    }

    @Override
    public long add(long n) {
      long next = value.get() + n;
      value.set(next);
      return next;
    }
  }

  @Setup(Level.Trial)
  public void start() {
    limpet = Limpet.local().host(Tally.class, TallyProcess::new).start();
    one = limpet.get(Tally.class, "one");
    many =
        IntStream.range(0, KEYS)
            .mapToObj(i -> limpet.get(Tally.class, "k" + i))
            .toArray(Tally[]::new);
    for (Tally tally : many) {
      long unused = tally.add(1);
    }
  }

  @TearDown(Level.Trial)
  public void stop() {
    limpet.close();
  }

  /** One caller, one process. */
  @Benchmark
  public long one() {
    return one.add(1);
  }

  /** One caller, and each time another process. */
  @Benchmark
  public long oneOfMany() {
    return many[ThreadLocalRandom.current().nextInt(KEYS)].add(1);
  }

  /** Two callers who want the same process all the time: it is handed over. */
  @Benchmark
  @Threads(2)
  public long contended() {
    return one.add(1);
  }

  /** What it takes to get hold of a process first. */
  @Benchmark
  public long looked() {
    return limpet.get(Tally.class, "one").add(1);
  }
}
