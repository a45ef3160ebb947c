package dev.limpet.testkit;

import dev.limpet.Hosting;
import dev.limpet.LimpetApp;
import dev.limpet.ProcessFactory;
import dev.limpet.StartFailed;
import dev.limpet.VirtualClock;
import dev.limpet.spi.Hosted;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Settings of a {@link TestCluster}. Not thread-safe. */
public final class TestClusterBuilder implements Hosting {
  private static final int NODES_MAX = 7;

  final int nodes;
  final List<Hosted<?>> hosted = new ArrayList<>();
  Duration lease = Duration.ofSeconds(1);
  Duration deadline = Duration.ofSeconds(10);
  Duration storeTime = Duration.ofMillis(1);
  Clock clock = Clock.systemUTC();

  TestClusterBuilder(int nodes) {
    if (nodes < 1 || nodes > NODES_MAX) {
      throw new IllegalArgumentException(
          "a test cluster has 1 to " + NODES_MAX + " nodes, got " + nodes);
    }
    this.nodes = nodes;
  }

  @Override
  public <P> TestClusterBuilder host(Class<P> type, ProcessFactory<? extends P> factory) {
    return host(type, factory, Options.DEFAULT);
  }

  /** The factory is called on all nodes, from any thread: what it captures is shared by them, as nothing is in production. */
  @Override
  public <P> TestClusterBuilder host(
      Class<P> type, ProcessFactory<? extends P> factory, Options options) {
    hosted.add(new Hosted<>(type, factory, options));
    return this;
  }

  /** Hosts all types of an application. */
  public TestClusterBuilder app(LimpetApp app) {
    app.host(this);
    return this;
  }

  /**
   * How long a node that has gone silent is waited for before others take its processes over; 300 ms to 1 minute, by
   * default 1 second. On a machine that stands still for longer, nodes lose their leases without any fault.
   */
  public TestClusterBuilder lease(Duration value) {
    if (value.toMillis() < 300 || value.toMillis() > 60_000) {
      throw new IllegalArgumentException("a lease is 300 ms to 1 minute, got " + value);
    }
    lease = value;
    return this;
  }

  /** How long a call may take that names no deadline of its own; by default 10 seconds. */
  public TestClusterBuilder deadline(Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException("a deadline is longer than zero, got " + value);
    }
    deadline = value;
    return this;
  }

  /** How long the store takes for an answer; up to 1 second, by default 1 millisecond. */
  public TestClusterBuilder storeTime(Duration value) {
    if (value.isNegative() || value.toMillis() > 1_000) {
      throw new IllegalArgumentException("the store takes 0 to 1 second, got " + value);
    }
    storeTime = value;
    return this;
  }

  /** Lets processes see this time, and passivates idle ones as it advances. Deadlines and leases stay in real time. */
  public TestClusterBuilder clock(VirtualClock value) {
    clock = value;
    return this;
  }

  /**
   * Starts all nodes, and returns when each serves its share.
   *
   * @throws StartFailed if the hosted types are at fault, or the nodes do not come up
   */
  public TestCluster start() {
    if (hosted.isEmpty()) {
      throw new IllegalArgumentException(
          "name a type to host: .host(Wallet.class, WalletProcess::new)");
    }
    return TestCluster.start(this);
  }
}
