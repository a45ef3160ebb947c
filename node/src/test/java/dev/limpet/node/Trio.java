package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Limpet;
import dev.limpet.LimpetBuilder;
import dev.limpet.node.door.Door;
import dev.limpet.ports.FreePorts;
import dev.limpet.spi.NodeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three nodes in this JVM, on loopback, each with a data directory of its own. */
final class Trio implements AutoCloseable {
  private static final Duration HEARTBEAT = Duration.ofMillis(200);
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final int SHARDS = 24;

  final Acts acts = new Acts();
  final List<String> addresses = freeAddresses(6);
  private final AtomicInteger keys = new AtomicInteger();
  private final Path directory;
  private final Map<Integer, Limpet> nodes = new TreeMap<>();

  Trio(Path directory) {
    this.directory = directory;
  }

  /** {@code 127.0.0.1:port}, of ports that are free, all different. */
  static List<String> freeAddresses(int count) {
    return Stream.generate(FreePorts::address).limit(count).toList();
  }

  String[] seeds() {
    return addresses.subList(0, 3).toArray(String[]::new);
  }

  Path data(int node) {
    return directory.resolve("n" + node);
  }

  /** Settings of a node from 0 to 5; the first three are the seeds. */
  LimpetBuilder builder(int node) {
    return Limpet.builder()
        .cluster("trio")
        .id("n" + node)
        .data(data(node))
        .clusterAddress(addresses.get(node))
        .seeds(seeds())
        .timing(new NodeSettings.Timing(HEARTBEAT, LEASE, SHARDS))
        .host(Probe.class, self -> new ProbeProcess(self, acts));
  }

  /** Starts these nodes, in this order, and waits until all serve. */
  void start(int... which) throws Exception {
    start(this::builder, which);
  }

  /** The same, with other settings. */
  void start(IntFunction<LimpetBuilder> settings, int... which) throws Exception {
    Map<Integer, Caller<Limpet>> starting = new HashMap<>();
    for (int node : which) {
      starting.put(node, Caller.start(() -> settings.apply(node).start()));
    }
    for (int node : which) {
      nodes.put(node, starting.get(node).get());
    }
    awaitSettled();
  }

  /** Waits until every node has the shards that prefer it, so that no process moves by itself any more. */
  void awaitSettled() throws Exception {
    await(Trio::settled);
  }

  /** Waits until a node is the home of nothing. */
  void awaitEmpty(int node) throws Exception {
    await(one ->
        one.nodes().stream()
            .filter(n -> n.node().equals("n" + node))
            .allMatch(n -> n.shards() == 0));
  }

  /** Waits until a node that was drained has all its shards again. */
  void awaitHome(int node) throws Exception {
    // In this order: as long as it is seen as drained it is not asked for its shards.
    await(one ->
        one.nodes().stream()
                .anyMatch(n -> n.node().equals("n" + node) && n.state().equals("member"))
            && settled(one));
  }

  private void await(Predicate<LimpetNode> what) throws Exception {
    LimpetNode one = (LimpetNode) nodes.values().iterator().next();
    BlockingQueue<Door.Line> decisions = new LinkedBlockingQueue<>();
    try (AutoCloseable watch = one.watch(decisions::add)) {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!what.test(one)) {
        assertThat(System.nanoTime()).as("in time: " + watch).isLessThan(until);
        Door.Line unused = decisions.poll(100, TimeUnit.MILLISECONDS);
      }
    }
  }

  private static boolean settled(LimpetNode node) {
    return node.cluster().movesUnderWay() == 0
        && node.nodes().stream()
            .filter(n -> n.state().equals("member"))
            .allMatch(n -> n.shards() >= n.shardsPreferred());
  }

  Limpet node(int node) {
    return nodes.get(node);
  }

  void stop(int node) {
    Limpet stopped = nodes.remove(node);
    if (stopped != null) {
      stopped.close();
    }
  }

  /** The node that is the home of a probe, as node {@code asked} says. */
  String home(int asked, String key) throws Exception {
    acts.on("home", p -> Long.parseLong(p.self.home().substring(1)));
    return "n" + node(asked).get(Probe.class, key).look("home");
  }

  /** A new key, of a probe that lives on that node. */
  String keyOn(int node) {
    return IntStream.range(0, 10_000)
        .mapToObj(i -> "k" + keys.incrementAndGet())
        .filter(key -> {
          try {
            return home(node, key).equals("n" + node);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        })
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    stopAll();
  }

  /** Closes all at once. */
  void stopAll() {
    List<Caller<Integer>> closing = new ArrayList<>();
    for (Limpet node : nodes.values()) {
      closing.add(
          Caller.start(() -> {
            node.close();
            return 0;
          }));
    }
    closing.forEach(Caller::awaitDone);
    nodes.clear();
  }
}
