package dev.limpet.ledger.ratis;

import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A few hosts in this JVM, each behind its own gateway. */
final class Trio implements AutoCloseable {
  static final String LEDGER = "ledger";

  final List<Gateway> gateways = new ArrayList<>();
  final List<Voter> voters = new ArrayList<>();
  final List<Throwable> fatal = new CopyOnWriteArrayList<>();
  private final Path root;
  private final LogTuning tuning;
  private final List<String> groups;
  private final Map<Integer, RatisHost> hosts = new ConcurrentHashMap<>();
  private final Map<String, Words> machines = new HashMap<>();
  private UnaryOperator<RatisConfig.Builder> more = builder -> builder;

  Trio(Path root, int nodes, LogTuning tuning, String... groups) throws IOException {
    this.root = root;
    this.tuning = tuning;
    this.groups = List.of(groups);
    for (int i = 0; i < nodes; i++) {
      gateways.add(new Gateway());
      voters.add(new Voter("n" + (i + 1), "s" + (i + 1), gateways.get(i).address()));
    }
  }

  static Trio of(Path root) throws IOException {
    return new Trio(root, 3, LogTuning.DEFAULT, LEDGER);
  }

  Trio with(UnaryOperator<RatisConfig.Builder> change) {
    more = change;
    return this;
  }

  Trio startAll() {
    for (int i = 0; i < voters.size(); i++) {
      start(i);
    }
    return this;
  }

  RatisHost start(int i) {
    return start(i, voters, voters.get(i));
  }

  RatisHost start(int i, List<Voter> agreed, Voter self) {
    var builder =
        RatisConfig.builder()
            .clusterId("c1")
            .self(self)
            .voters(agreed)
            .directory(directory(i))
            .tuning(tuning)
            .onBound(address -> gateways.get(i).target(address))
            .onFatal(fatal::add);
    for (var group : groups) {
      var machine = new Words();
      machines.put(group + i, machine);
      builder.group(group, machine);
    }
    try {
      var host = RatisHost.start(more.apply(builder).build());
      hosts.put(i, host);
      return host;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void stop(int i) {
    gateways.get(i).target(null);
    var host = hosts.remove(i);
    if (host != null && !host.close(Duration.ofSeconds(30))) {
      throw new AssertionError("host " + i + " did not close: " + ratisThreads());
    }
  }

  private static String ratisThreads() {
    var text = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> {
          if (List.of(stack).toString().contains("org.apache.ratis.server")) {
            text.append("\n").append(thread).append(" ").append(thread.getState());
            for (var frame : stack) {
              text.append("\n    ").append(frame);
            }
          }
        });
    return text.toString();
  }

  Path directory(int i) {
    return root.resolve("n" + (i + 1));
  }

  RatisHost host(int i) {
    return Objects.requireNonNull(hosts.get(i));
  }

  Words machine(String group, int i) {
    return Objects.requireNonNull(machines.get(group + i));
  }

  int leader(String group) {
    return Eventually.get("a leader of " + group, () -> leaderNow(group));
  }

  @Nullable Integer leaderNow(String group) {
    for (var host : hosts.entrySet()) {
      if (host.getValue().log(group).leadership().self()) {
        return host.getKey();
      }
    }
    return null;
  }

  /** Appends through whoever leads, again and again until it is applied. */
  Applied append(String group, String line) {
    return append(group, Words.line(line));
  }

  Applied append(String group, byte[] entry) {
    return Eventually.get(
        "an append to " + group,
        () -> {
          var leader = leaderNow(group);
          if (leader == null) {
            return null;
          }
          try {
            return host(leader).log(group).append(entry).get(10, TimeUnit.SECONDS);
          } catch (ExecutionException e) {
            if (e.getCause() instanceof LogException) {
              return null;
            }
            throw new AssertionError(e);
          } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
          }
        });
  }

  void awaitApplied(String group, int i, long index) {
    Eventually.until(
        "entry " + index + " applied on " + i, () -> host(i).log(group).appliedIndex() >= index);
  }

  @Override
  public void close() {
    for (var i : List.copyOf(hosts.keySet())) {
      stop(i);
    }
    gateways.forEach(Gateway::close);
  }
}
