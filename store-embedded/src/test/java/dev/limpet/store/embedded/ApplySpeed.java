package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.engine.Position;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.StoreWire;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Measures how long the entries of 256 puts of 200 bytes take to apply, and how long processes take to load. */
final class ApplySpeed {
  private static final int PUTS = 256;
  private static final int SHARDS = 64;
  private static final int KEYS = 200_000;

  private ApplySpeed() {}

  public static void main(String[] args) throws IOException {
    int entries = args.length > 0 ? Integer.parseInt(args[0]) : 4000;
    Path directory = Files.createTempDirectory("limpet-apply-speed");
    try (RocksStateMachine machine = new RocksStateMachine()) {
      machine.open(directory, null);
      List<Claim> claims = new ArrayList<>();
      for (int shard = 0; shard < SHARDS; shard++) {
        claims.add(new Claim(shard, 1, 1, 1));
      }
      long index =
          machine.apply(new Position(1, 1), StoreWire.encodeClaims(claims)).length > 0 ? 1 : 0;
      Random random = new Random(1);
      long[] nanos = new long[entries];
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long encoding = 0;
      long cpu = 0;
      for (int i = 0; i < entries; i++) {
        long before = System.nanoTime();
        byte[] entry = entry(random, i + 1);
        long cpuBefore = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        byte[] reply = machine.apply(new Position(1, ++index), entry);
        nanos[i] = System.nanoTime() - start;
        cpu += i < entries / 4 ? 0 : threads.getCurrentThreadCpuTime() - cpuBefore;
        encoding += start - before;
        if (reply.length < SHARDS) {
          throw new AssertionError("a short reply");
        }
      }
      long[] warm = Arrays.copyOfRange(nanos, entries / 4, entries);
      report("apply of " + PUTS + " puts", warm);
      say(
          String.format(
              Locale.ROOT, "of the applying thread's CPU: mean %.1f us", cpu / 1e3 / warm.length));
      say(
          String.format(
              Locale.ROOT, "encode with its objects: mean %.1f us", encoding / 1e3 / entries));
      loads(machine, random);
      long start = System.nanoTime();
      Path image = Files.createDirectory(directory.resolve("image"));
      machine.checkpoint(image);
      say(String.format(Locale.ROOT, "checkpoint: %.1f ms", (System.nanoTime() - start) / 1e6));
    } finally {
      SyncedFiles.deleteTree(directory);
    }
  }

  private static void loads(RocksStateMachine machine, Random random) throws IOException {
    long[] nanos = new long[50_000];
    int found = 0;
    for (int i = 0; i < nanos.length; i++) {
      int key = random.nextInt(KEYS);
      long start = System.nanoTime();
      found += machine.load(key % SHARDS, id(key)).size();
      nanos[i] = System.nanoTime() - start;
    }
    report("load (" + found + " found)", Arrays.copyOfRange(nanos, nanos.length / 4, nanos.length));
  }

  private static byte[] entry(Random random, long sequence) {
    List<List<Change>> changes = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      changes.add(new ArrayList<>());
    }
    for (int i = 0; i < PUTS; i++) {
      byte[] value = new byte[200];
      random.nextBytes(value);
      int key = random.nextInt(KEYS);
      changes.get(key % SHARDS).add(new Change(id(key), "balance", value));
    }
    List<Part> parts = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      parts.add(new Part(shard, 1, 1, sequence, changes.get(shard)));
    }
    return StoreWire.encodeCommit(parts);
  }

  private static ProcessId id(int key) {
    return new ProcessId("wallet", "user-" + key);
  }

  private static void report(String what, long[] nanos) {
    Arrays.sort(nanos);
    double mean = Arrays.stream(nanos).average().orElse(0);
    say(
        String.format(
            Locale.ROOT,
            "%s: mean %.1f us, p50 %.1f, p99 %.1f, p99.9 %.1f, max %.1f",
            what,
            mean / 1e3,
            at(nanos, 0.5),
            at(nanos, 0.99),
            at(nanos, 0.999),
            nanos[nanos.length - 1] / 1e3));
  }

  private static double at(long[] sorted, double quantile) {
    return sorted[(int) (sorted.length * quantile)] / 1e3;
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
