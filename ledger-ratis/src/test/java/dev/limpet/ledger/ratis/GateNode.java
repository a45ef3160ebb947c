package dev.limpet.ledger.ratis;

import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.NotLeaderException;
import dev.limpet.engine.ReplicatedLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One node in a JVM of its own, for the gate: reads commands from standard input, answers on standard output.
 *
 * <p>Arguments: this voter, all voters (each {@code node/storage/host:port}, joined by commas), directory, gRPC port,
 * groups joined by commas. Commands: {@code ID append GROUP LINE}, {@code ID who GROUP}, {@code ID load SECONDS WINDOW
 * SLOTS}, {@code ID beat SECONDS}, {@code ID close}, {@code ID memory}.
 */
final class GateNode {
  private final RatisHost host;
  private final PrintStream out;

  private GateNode(RatisHost host, PrintStream out) {
    this.host = host;
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var groups = List.of(arguments[4].split(",", -1));
    var builder =
        RatisConfig.builder()
            .clusterId("gate")
            .self(voter(arguments[0]))
            .voters(Stream.of(arguments[1].split(",", -1)).map(GateNode::voter).toList())
            .directory(Path.of(arguments[2]))
            .bind(
                new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[3])))
            .tuning(tuning())
            .onBound(address -> out.println("bound " + address.getPort()))
            .onFatal(cause -> {
              out.println("fatal " + cause);
              out.flush();
              Runtime.getRuntime().halt(70);
            });
    groups.forEach(group -> builder.group(group, new Words()));
    if (groups.size() > 1) {
      builder.follow(groups.get(1), groups.get(0));
    }
    var node = new GateNode(RatisHost.start(builder.build()), out);
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        var command = line;
        Thread.ofVirtual().start(() -> node.run(command));
      }
    }
    // The parent is gone.
    Runtime.getRuntime().halt(0);
  }

  private static LogTuning tuning() {
    var tuning = LogTuning.DEFAULT;
    var entries = System.getProperty("gate.checkpointEntries");
    return entries == null
        ? tuning
        : tuning.withCheckpoints(Long.parseLong(entries), 256L << 20, Duration.ofMinutes(5));
  }

  private static Voter voter(String text) {
    var part = text.split("/", 3);
    return new Voter(part[0], part[1], part[2]);
  }

  private void run(String command) {
    var part = command.split(" ", 4);
    var answer =
        switch (part[1]) {
          case "append" -> append(host.log(part[2]), Words.line(part[3]));
          case "who" -> who(host.log(part[2]));
          case "load" -> load(part[2], part[3]);
          case "beat" -> beat(Integer.parseInt(part[2]));
          case "memory" -> memory();
          case "close" -> close();
          default -> "unknown command";
        };
    out.println("answer " + part[0] + " " + answer);
  }

  private static String append(ReplicatedLog log, byte[] entry) {
    try {
      var applied = log.append(entry).join();
      return "ok " + applied.index() + " " + Words.text(applied.reply());
    } catch (CompletionException e) {
      if (e.getCause() instanceof NotLeaderException other) {
        return "notleader " + other.leader();
      }
      if (e.getCause() instanceof LogException refused) {
        return (refused.mayHaveRun() ? "unknown " : "refused ") + refused.getMessage();
      }
      return "broken " + e.getCause();
    }
  }

  private static String who(ReplicatedLog log) {
    var leadership = log.leadership();
    return leadership.term()
        + " "
        + leadership.leader()
        + " "
        + leadership.self()
        + " "
        + log.appliedIndex();
  }

  private String close() {
    long begun = System.nanoTime();
    boolean done = host.close(Duration.ofSeconds(10));
    return done + " " + (System.nanoTime() - begun) / 1_000_000;
  }

  /** A closed loop of so many puts of 200 bytes in flight, gathered into at most so many entries under way. */
  private String load(String secondsText, String shape) {
    var log = host.log("store");
    int window = Integer.parseInt(shape.split(" ", 2)[0]);
    int slots = Integer.parseInt(shape.split(" ", 2)[1]);
    long end = System.nanoTime() + Long.parseLong(secondsText) * 1_000_000_000L;
    var acknowledged = new AtomicLong();
    var entries = new AtomicLong();
    var failed = new ConcurrentLinkedQueue<String>();
    long begun = System.nanoTime();
    var threads = new ArrayList<Thread>();
    for (int slot = 0; slot < slots; slot++) {
      int puts = window / slots;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                while (System.nanoTime() < end) {
                  try {
                    Applied applied = log.append(batch(puts)).join();
                    acknowledged.addAndGet(ByteBuffer.wrap(applied.reply()).getInt());
                    entries.incrementAndGet();
                  } catch (CompletionException e) {
                    failed.add(String.valueOf(e.getCause()));
                    LockSupport.parkNanos(10_000_000);
                  }
                }
              }));
    }
    join(threads);
    double seconds = (System.nanoTime() - begun) / 1e9;
    return String.format(
        Locale.ROOT,
        "puts=%.0f entries=%.0f failed=%d %s",
        acknowledged.get() / seconds,
        entries.get() / seconds,
        failed.size(),
        Objects.requireNonNullElse(failed.peek(), ""));
  }

  private static byte[] batch(int puts) {
    var entry = ByteBuffer.allocate(1 + puts * 204);
    entry.put((byte) 0);
    for (int i = 0; i < puts; i++) {
      entry
          .putInt(200)
          .putInt(ThreadLocalRandom.current().nextInt())
          .position(entry.position() + 196);
    }
    return entry.array();
  }

  /** One small entry every 300 ms in the ledger; latencies in milliseconds. */
  private String beat(int seconds) {
    var log = host.log("ledger");
    var latencies = new ConcurrentLinkedQueue<Double>();
    var failed = new ConcurrentLinkedQueue<String>();
    long begun = System.nanoTime();
    var threads = new ArrayList<Thread>();
    for (long next = begun; next < begun + seconds * 1_000_000_000L; next += 300_000_000L) {
      while (System.nanoTime() < next) {
        LockSupport.parkNanos(next - System.nanoTime());
      }
      long sent = System.nanoTime();
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  log.append(Words.line("put beat " + sent)).join();
                  latencies.add((System.nanoTime() - sent) / 1e6);
                } catch (CompletionException e) {
                  failed.add(String.valueOf(e.getCause()));
                }
              }));
    }
    join(threads);
    var sorted = latencies.stream().sorted().toList();
    return String.format(
        Locale.ROOT,
        "beats=%d failed=%d p50=%.1fms p99=%.1fms max=%.1fms %s",
        sorted.size(),
        failed.size(),
        at(sorted, 0.5),
        at(sorted, 0.99),
        at(sorted, 1),
        Objects.requireNonNullElse(failed.peek(), ""));
  }

  private static double at(List<Double> sorted, double share) {
    return sorted.isEmpty()
        ? -1
        : sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
  }

  private static void join(List<Thread> threads) {
    try {
      for (var thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String memory() {
    try {
      return String.join(
          " ",
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmRSS") || line.startsWith("Threads"))
              .map(line -> line.replaceAll("\\s+", ""))
              .toList());
    } catch (IOException e) {
      return e.toString();
    }
  }

  static @Nullable String javaBinary() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
