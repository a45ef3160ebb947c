package dev.limpet.node;

import dev.limpet.Limpet;
import dev.limpet.LimpetException;
import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Three nodes in this JVM of which each may have seams of its own, and callers who note how long a key is out of reach. */
final class Three implements AutoCloseable {
  private static final long PAUSE_NANOS = 3_000_000;

  private final Path directory;
  private final List<String> addresses = Trio.freeAddresses(3);
  private final Map<Integer, Limpet> nodes = new TreeMap<>();

  private final Duration lease;

  private Three(Path directory, Duration lease) {
    this.directory = directory;
    this.lease = lease;
  }

  /** Starts nodes 0 to 2, and returns when every shard is where it belongs. */
  static Three start(Path directory, Duration lease, IntFunction<Seams> seams) throws Exception {
    Three three = new Three(directory, lease);
    List<Caller<Limpet>> starting =
        IntStream.range(0, 3)
            .mapToObj(n -> Caller.start(() -> three.node(n, seams.apply(n)).start()))
            .toList();
    for (int n = 0; n < 3; n++) {
      three.nodes.put(n, starting.get(n).get());
    }
    three.awaitHome();
    return three;
  }

  private ClusteredNode node(int n, Seams seams) {
    return new ClusteredNode(
        SteppedNode.settings(
            "n" + n, directory.resolve("n" + n), addresses.get(n), addresses, lease),
        seams);
  }

  /** Starts one again. */
  void restart(int n, Seams seams) {
    nodes.put(n, node(n, seams).start());
  }

  Limpet get(int n) {
    return nodes.get(n);
  }

  /** What node 0 says of a node. */
  Door.NodeReport of(String node) {
    return ((Door) get(0))
        .nodes().stream().filter(n -> n.node().equals(node)).findFirst().orElseThrow();
  }

  /** Where a probe lives, as node 0 says. */
  @Nullable String home(String key) {
    return ((Door) get(0)).where(new ProcessId("probe", key)).home();
  }

  /** Waits until node 0 knows all three, and each has its shards. */
  void awaitHome() {
    Caller.until(() -> {
      List<Door.NodeReport> known = ((Door) get(0)).nodes();
      return known.size() == 3
          && known.stream()
              .allMatch(n ->
                  n.state().equals("member")
                      && n.shards() > 0
                      && n.shards() == n.shardsPreferred());
    });
  }

  /** Calls of some keys all the time, through nodes 0 and 2. */
  final class Calling implements AutoCloseable {
    private final Map<String, Long> longest = new ConcurrentHashMap<>();
    private final AtomicBoolean end = new AtomicBoolean();
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger made = new AtomicInteger();
    private final List<Caller<Integer>> callers = new ArrayList<>();

    /**
     * @param patience after which a call is given up: short where the time without an answer is measured, long where no
     *     call may fail
     */
    Calling(int keys, Duration patience) {
      for (int k = 0; k < keys; k++) {
        String key = "k" + k;
        Limpet through = get(k % 2 * 2);
        callers.add(Caller.start(() -> call(through, key, patience)));
      }
    }

    private int call(Limpet through, String key, Duration patience) {
      long last = System.nanoTime();
      while (!end.get()) {
        try {
          long unused = through.ref(Probe.class, key).withDeadline(patience).get().act("add");
          long now = System.nanoTime();
          longest.merge(key, now - last, Math::max);
          last = now;
          made.incrementAndGet();
          LockSupport.parkNanos(PAUSE_NANOS);
        } catch (LimpetException e) {
          failures.add(key + ": " + e);
          LockSupport.parkNanos(PAUSE_NANOS);
        } catch (Refused e) {
          throw new IllegalStateException(e);
        }
      }
      longest.merge(key, System.nanoTime() - last, Math::max);
      return 0;
    }

    /** Waits until so many more calls were answered. */
    void awaitMore(int calls) {
      int before = made.get();
      Caller.until(() -> made.get() >= before + calls);
    }

    List<String> failures() {
      return List.copyOf(failures);
    }

    /** Ends the calls; the longest time, in seconds, without an answer for each key. */
    Map<String, Double> longestSeconds() throws Exception {
      end.set(true);
      for (Caller<Integer> caller : callers) {
        int unused = caller.get();
      }
      Map<String, Double> seconds = new TreeMap<>();
      longest.forEach((key, nanos) -> seconds.put(key, nanos / 1e9));
      return seconds;
    }

    @Override
    public void close() {
      end.set(true);
    }
  }

  @Override
  public void close() {
    List<Caller<Integer>> closing =
        nodes.values().stream()
            .map(node ->
                Caller.start(() -> {
                  node.close();
                  return 0;
                }))
            .toList();
    closing.forEach(Caller::awaitDone);
  }
}
