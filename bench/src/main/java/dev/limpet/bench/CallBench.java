package dev.limpet.bench;

import dev.limpet.Limpet;
import dev.limpet.LocalBuilder;
import dev.limpet.examples.ExampleApp;
import dev.limpet.examples.Visits;
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
  private Visits one;
  private Visits[] many;

  @Setup(Level.Trial)
  public void start() {
    LocalBuilder builder = Limpet.local();
    new ExampleApp().host(builder);
    limpet = builder.start();
    one = limpet.get(Visits.class, "one");
    many =
        IntStream.range(0, KEYS)
            .mapToObj(i -> limpet.get(Visits.class, "k" + i))
            .toArray(Visits[]::new);
    for (Visits visits : many) {
      long unused = visits.hit();
    }
  }

  @TearDown(Level.Trial)
  public void stop() {
    limpet.close();
  }

  /** One caller, one process. */
  @Benchmark
  public long one() {
    return one.hit();
  }

  /** One caller, and each time another process. */
  @Benchmark
  public long oneOfMany() {
    return many[ThreadLocalRandom.current().nextInt(KEYS)].hit();
  }

  /** Two callers who want the same process all the time: it is handed over. */
  @Benchmark
  @Threads(2)
  public long contended() {
    return one.hit();
  }

  /** What it takes to get hold of a process first. */
  @Benchmark
  public long looked() {
    return limpet.get(Visits.class, "one").hit();
  }
}
