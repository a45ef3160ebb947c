package dev.limpet.cli.bench;

import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.LocalBuilder;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import dev.limpet.cli.load.BenchCounter;
import dev.limpet.cli.load.BenchEcho;
import dev.limpet.examples.Counter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** What calls cost, over the Java interface. */
final class CallBenches {
  private static final int ANSWER_MILLIS = 5_000;
  private static final int KEYS_TRIED_MAX = 100;
  private static final int SYNCS = 200;
  private static final int SYNCED_BYTES = 512;
  private static final int FIRST_CALLERS = 64;

  private final CallLoad load;
  private final boolean tls;
  private final int payload;

  /**
   * Has measured nothing yet.
   *
   * @param tls between the nodes
   * @param payload how many bytes go there and come back with each call; 0 for a number, which is added
   */
  CallBenches(CallLoad load, boolean tls, int payload) {
    this.load = load;
    this.tls = tls;
    this.payload = payload;
  }

  static void host(Hosting hosting) {
    BenchCounter.host(hosting);
    BenchEcho.host(hosting);
  }

  String local() throws InterruptedException {
    LocalBuilder builder = Limpet.local();
    host(builder);
    try (Limpet limpet = builder.start()) {
      List<String> keys = IntStream.range(0, load.keys().count()).mapToObj(i -> "k" + i).toList();
      return measured("local", target(limpet, keys), "");
    }
  }

  /** From one node to the others. */
  String remote(int nodes) throws InterruptedException {
    try (BenchMember member = BenchMember.start(nodes, tls, load)) {
      List<NodeChild> homes = member.cluster().nodes().subList(0, nodes - 1);
      load.say("looking for " + load.keys().count() + " keys whose home is another node");
      return measured(
          "remote",
          target(member.limpet(), keysOf(homes, load.keys().count())),
          "nodes=" + nodes + (tls ? " tls=yes" : ""));
    }
  }

  String durable(int nodes) throws InterruptedException {
    try (BenchMember member = BenchMember.start(nodes, tls, load)) {
      Counter[] counters =
          IntStream.range(0, load.keys().count())
              .mapToObj(i -> member.limpet().get(Counter.class, "k" + i))
              .toArray(Counter[]::new);
      String disk = String.format(Locale.ROOT, "%.1fus", syncMicros(member.cluster().folder()));
      return measured(
          "durable",
          key -> counters[key].add(1),
          "store=embedded nodes="
              + nodes
              + " from=member sync-p50="
              + disk
              + (tls ? " tls=yes" : ""));
    }
  }

  /** Each process is called once before, so that what is measured are calls, however many processes there are. */
  private String measured(String name, CallLoad.Target target, String more)
      throws InterruptedException {
    int count = load.keys().count();
    load.say("calling each of " + count + " processes once");
    AtomicInteger next = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < FIRST_CALLERS; i++) {
      callers.add(Thread.ofVirtual().start(() -> callOnce(target, next, count)));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    return load.run(name, target, more);
  }

  private static void callOnce(CallLoad.Target target, AtomicInteger next, int count) {
    for (int key = next.getAndIncrement(); key < count; key = next.getAndIncrement()) {
      try {
        target.call(key);
      } catch (Exception e) {
        // Those that are measured will tell.
        return;
      }
    }
  }

  private CallLoad.Target target(Limpet limpet, List<String> keys) {
    if (payload > 0) {
      byte[] data = new byte[payload];
      BenchEcho[] echoes =
          keys.stream().map(key -> limpet.get(BenchEcho.class, key)).toArray(BenchEcho[]::new);
      return key -> echoes[key].echo(data);
    }
    BenchCounter[] counters =
        keys.stream().map(key -> limpet.get(BenchCounter.class, key)).toArray(BenchCounter[]::new);
    return key -> counters[key].add(1);
  }

  /** What the disk takes by itself to make a small write lasting; the median. */
  private static double syncMicros(Path folder) {
    Path file = folder.resolve("sync");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer data = ByteBuffer.allocateDirect(SYNCED_BYTES);
      // As the engine's own log does: the file has its size before.
      channel.write(ByteBuffer.allocate(SYNCED_BYTES * SYNCS), 0);
      channel.force(true);
      long[] nanos = new long[SYNCS];
      for (int i = 0; i < SYNCS; i++) {
        long began = System.nanoTime();
        channel.write(data.clear(), (long) i * SYNCED_BYTES);
        channel.force(false);
        nanos[i] = System.nanoTime() - began;
      }
      Files.delete(file);
      Arrays.sort(nanos);
      return nanos[SYNCS / 2] / 1e3;
    } catch (IOException e) {
      throw Refusal.failed("the disk cannot be measured: " + e.getMessage());
    }
  }

  private static List<String> keysOf(List<NodeChild> homes, int count) {
    Set<String> ids = homes.stream().map(NodeChild::id).collect(Collectors.toUnmodifiableSet());
    NodeChild asked = homes.getFirst();
    List<String> keys = new ArrayList<>();
    try (Wire wire = Wire.connect(asked.http(), ANSWER_MILLIS)) {
      for (int i = 0; keys.size() < count && i < count * KEYS_TRIED_MAX; i++) {
        Wire.Reply where = wire.get("/admin/where/bench-counter/k" + i, ANSWER_MILLIS);
        if (where.status() != 200) {
          throw Refusal.failed("node " + asked.id() + " does not say where a key lives: " + where);
        }
        if (ids.contains(JsonMapper.shared().readTree(where.body()).path("home").asString(""))) {
          keys.add("k" + i);
        }
      }
    } catch (IOException e) {
      throw Refusal.failed("node " + asked.id() + " does not answer: " + e.getMessage());
    }
    if (keys.size() < count) {
      throw Refusal.failed("the other nodes are the home of too few keys: " + keys.size());
    }
    return keys;
  }
}
