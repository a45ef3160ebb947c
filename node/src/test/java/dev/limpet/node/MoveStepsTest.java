package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.DeadlinePassed;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.node.door.Door;
import dev.limpet.node.home.MoveWatch;
import dev.limpet.node.home.MoveWatch.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The source or the target of planned moves dies at each step of one, under load: what was acknowledged is there once,
 * and every shard finds a home. The node of this JVM, n0, lives on; n1 is drained; n2 and n0 are the targets.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class MoveStepsTest {
  private static final int KEYS = 60;
  private static final int CALLERS = 6;

  @TempDir static Path directory;
  private static final List<String> addresses = Trio.freeAddresses(3);
  private static final ChildNode[] children = new ChildNode[3];
  private static Limpet here;

  /** A {@link SteppedNode}. */
  private static final class ChildNode implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    ChildNode(int number) {
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-ea",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-Xmx512m",
              "--sun-misc-unsafe-memory-access=allow",
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              SteppedNode.class.getName(),
              "n" + number,
              directory.resolve("n" + number).toString(),
              addresses.get(number),
              String.join(",", addresses));
      try {
        process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      in = process.outputWriter(StandardCharsets.UTF_8);
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private void expect(String line) throws IOException {
      String read = out.readLine();
      while (read != null && !read.equals(line)) {
        read = out.readLine();
      }
      assertThat(read).isEqualTo(line);
    }

    void dieAt(Step step) throws IOException {
      in.write(step + "\n");
      in.flush();
      expect("armed " + step);
    }

    void awaitDead() throws InterruptedException {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it met the step, and died").isTrue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @BeforeAll
  static void form() throws Exception {
    Caller<Limpet> starting =
        Caller.start(() ->
            new ClusteredNode(
                    SteppedNode.settings(
                        "n0", directory.resolve("n0"), addresses.getFirst(), addresses),
                    MoveWatch.NONE)
                .start());
    start(1);
    start(2);
    children[1].expect("ready n1");
    children[2].expect("ready n2");
    here = starting.get();
    awaitHome();
  }

  @AfterAll
  static void close() {
    for (ChildNode child : children) {
      if (child != null) {
        child.close();
      }
    }
    if (here != null) {
      here.close();
    }
  }

  private static void start(int number) {
    children[number] = new ChildNode(number);
  }

  private static Door door() {
    return (Door) here;
  }

  /** Waits until all are members, no shard moves, and each has the shards that prefer it. */
  private static void awaitHome() {
    Caller.until(() ->
        door().cluster().movesUnderWay() == 0
            && door().cluster().shardsOrphaned() == 0
            && door().nodes().stream()
                .allMatch(n -> n.state().equals("member") && n.shards() == n.shardsPreferred()));
  }

  /** The adders of some counters, and what they were told. */
  private static final class Load implements AutoCloseable {
    final BitSet[] told = new BitSet[KEYS];
    final int[] unknown = new int[KEYS];
    final List<String> findings = new ArrayList<>();
    private final List<Caller<Integer>> callers = new ArrayList<>();
    private final String name;
    private volatile boolean stopped;

    Load(String name, long seed) {
      this.name = name;
      for (int k = 0; k < KEYS; k++) {
        told[k] = new BitSet();
      }
      SplittableRandom random = new SplittableRandom(seed);
      for (int c = 0; c < CALLERS; c++) {
        SplittableRandom own = random.split();
        callers.add(
            Caller.start(() -> {
              int calls = 0;
              while (!stopped) {
                call(own.nextInt(KEYS), own.nextBoolean());
                calls++;
              }
              return calls;
            }));
      }
    }

    private Probe probe(int k) {
      return here.ref(Probe.class, name + k).withDeadline(Duration.ofSeconds(20)).get();
    }

    private void call(int k, boolean memory) throws Exception {
      try {
        if (memory) {
          probe(k).act("addMemory");
          return;
        }
        long value = probe(k).act("add");
        synchronized (this) {
          if (told[k].get((int) value)) {
            findings.add(name + k + " was told " + value + " twice");
          }
          told[k].set((int) value);
        }
      } catch (OutcomeUnknown | DeadlinePassed e) {
        synchronized (this) {
          unknown[k]++;
        }
      } catch (LimpetException e) {
        if (e.executed() != Executed.NO) {
          synchronized (this) {
            unknown[k]++;
          }
        }
      }
    }

    /** Ends the calls and compares; how many were made. */
    int verify() throws Exception {
      close();
      int calls = 0;
      for (Caller<Integer> caller : callers) {
        calls += caller.get();
      }
      for (int k = 0; k < KEYS; k++) {
        long value = probe(k).look("get");
        int acknowledged = told[k].cardinality();
        if (value < acknowledged
            || value > acknowledged + unknown[k]
            || told[k].length() - 1 > value) {
          findings.add(
              "%s%d is %d: %d acknowledged up to %d, %d unknown"
                  .formatted(name, k, value, acknowledged, told[k].length() - 1, unknown[k]));
        }
      }
      return calls;
    }

    @Override
    public void close() {
      stopped = true;
      callers.forEach(Caller::awaitDone);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"FROZEN", "SAVED", "CARRIED", "RENOUNCED"})
  void sourceThatDies_losesNothingAndItsShardsFindAHome(Step step) throws Exception {
    dies(step, 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"ARRIVED", "CLAIMING", "OPENED"})
  void targetThatDies_losesNothingAndTheShardsFindAHome(Step step) throws Exception {
    dies(step, 2);
  }

  private static void dies(Step step, int victim) throws Exception {
    long seed = System.nanoTime();
    String name = step + "-";
    try (Load load = new Load(name, seed)) {
      for (int k = 0; k < KEYS; k++) {
        load.probe(k).act("addMemory");
      }
      children[victim].dieAt(step);
      door().drain("n1");
      children[victim].awaitDead();
      Caller.until(() ->
          door().nodes().stream().noneMatch(n -> n.node().equals("n" + victim) && n.shards() > 0)
              && door().cluster().shardsOrphaned() == 0);
      start(victim);
      children[victim].expect("ready n" + victim);
      door().undrain("n1");
      awaitHome();
      int calls = load.verify();
      System.getLogger("test")
          .log(
              System.Logger.Level.INFO,
              "n{0} died at {1}: seed {2}, {3} calls",
              victim,
              step,
              Long.toString(seed),
              calls);
      assertThat(load.findings).as("seed %d", seed).isEmpty();
    }
  }
}
