package dev.limpet.bench;

import dev.limpet.values.ValueType;
import dev.limpet.values.Values;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** State and arguments, to bytes and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseCompactObjectHeaders")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
public class ValuesBench {
  private final ValueType number = ValueType.of(Long.class);
  private final ValueType record = ValueType.of(Purse.class);
  private final Purse purse =
      new Purse(
          "alice",
          List.of(new Entry("salary", 250_000), new Entry("rent", -90_000), new Entry("tea", -3)));
  private final byte[] numberBytes = Values.encode(number, 1_234_567L);
  private final byte[] recordBytes = Values.encode(record, purse);

  /** A small state. */
  public record Purse(String owner, List<Entry> entries) {
    public Purse {
      entries = List.copyOf(entries);
    }
  }

  /** A part of it. */
  public record Entry(String what, long cents) {}

  @Benchmark
  public byte[] numberEncoded() {
    return Values.encode(number, 1_234_567L);
  }

  @Benchmark
  public @Nullable Object numberDecoded() {
    return Values.decode(number, numberBytes);
  }

  @Benchmark
  public byte[] recordEncoded() {
    return Values.encode(record, purse);
  }

  @Benchmark
  public @Nullable Object recordDecoded() {
    return Values.decode(record, recordBytes);
  }
}
