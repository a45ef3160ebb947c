package dev.limpet.bench;

import static java.util.Objects.requireNonNull;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.LedgerImage;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.core.ledger.Member;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the ledger's core costs as a cluster grows: entries of each kind, the view, and the image that a node is fed with. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
public class LedgerBench {
  /** A cluster that is well. */
  @State(Scope.Benchmark)
  @SuppressWarnings("NullAway.Init") // JMH sets it up before it is used
  public static class Cluster {
    @Param({"3", "100", "1000"})
    public int nodes;

    @Param({"256", "16384"})
    public int shards;

    LedgerImage image;
    LedgerState state;
    Member victim;
    long index;
    long sequence;
    ProcessId process;

    @Setup(Level.Trial)
    public void form() {
      LedgerState forming = new LedgerState();
      long at = 0;
      forming.apply(++at, new Command.Form("bench", new byte[16], shards));
      for (int n = 0; n < nodes; n++) {
        forming.apply(
            ++at,
            new Command.Join(
                "node-" + n, "boot-" + n, "storage-" + n, "10.0.0.1:7101", "10.0.0.1:7102", "t"));
      }
      image = forming.image();
      victim = requireNonNull(forming.placement().member("node-1"));
      process = new ProcessId("counter", "alice");
    }

    /** Anew each time: entries change it, and indexes only grow. */
    @Setup(Level.Iteration)
    public void load() {
      state = LedgerState.of(image);
      index = state.index();
      sequence = 0;
    }

    Command renewal() {
      sequence++;
      return new Command.Renew(
          state.placement().members().values().stream()
              .map(m -> new Renewal(m.name(), m.registration(), sequence, sequence - 1))
              .toList());
    }
  }

  /** How large the image is. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Bytes {
    public long imageBytes;
  }

  /** A state of its own for each call, since a node dies once. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // as above
  public static class Mortal {
    LedgerState state;

    @Setup(Level.Invocation)
    public void load(Cluster cluster) {
      state = LedgerState.of(cluster.image);
    }
  }

  /** One entry with the renewals of all nodes, as there is one for every heartbeat. */
  @Benchmark
  public LedgerState.Result renewals(Cluster cluster) {
    return cluster.state.apply(++cluster.index, cluster.renewal());
  }

  /** One node expires: its shards are spread over all others. */
  @Benchmark
  public LedgerState.Result death(Cluster cluster, Mortal mortal) {
    Member victim = cluster.victim;
    return mortal.state.apply(
        cluster.image.index() + 1,
        new Command.Expire(victim.name(), victim.registration(), victim.sequence()));
  }

  /** What a node without a replica is sent after each change of the view, written and read. */
  @Benchmark
  public LedgerImage feed(Cluster cluster, Bytes bytes) {
    byte[] image = LedgerWire.encode(cluster.state.image());
    bytes.imageBytes = image.length;
    return LedgerWire.decodeImage(image);
  }

  /** Which shard a process is in: done for each call whose place is not known yet. */
  @Benchmark
  @OutputTimeUnit(TimeUnit.NANOSECONDS)
  public int shardOf(Cluster cluster) {
    return cluster.state.placement().shardOf(cluster.process);
  }
}
