package dev.limpet.edge;

import dev.limpet.node.door.Door;
import dev.limpet.node.door.EdgeProvider;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Opens edges for tests: on a free port of loopback, with short waits. */
final class Edges {
  static final EdgeSettings SETTINGS = EdgeSettings.DEFAULT.withCloseGrace(Duration.ofSeconds(2));

  private Edges() {}

  static EdgeProvider.Edge open(Door door) {
    return open(door, SETTINGS);
  }

  static EdgeProvider.Edge open(Door door, EdgeSettings settings) {
    HttpEdgeProvider provider = new HttpEdgeProvider(settings);
    EdgeProvider.Edge edge = provider.open("127.0.0.1:0", false, door, provider.registry());
    edge.serving();
    return edge;
  }

  /** Looks again and again, for ten seconds at most. */
  static boolean eventually(BooleanSupplier condition) {
    long startNanos = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNanos > 10_000_000_000L) {
        return false;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return true;
  }
}
