package dev.limpet.node;

import dev.limpet.node.call.CallServer;
import dev.limpet.node.call.Calls;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.door.EdgeProvider.Edge;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** How a node leaves while everything still works. Happens once. */
/*
 * In this order nobody is turned away. Callers over HTTP are asked to go elsewhere. The shards go to other nodes. Then
 * the HTTP port closes, while this node is a member still and can pass on what came in. Then nodes whose view was
 * behind have sent their last calls here and were told where to send them. Only then is it no member any more. The last
 * node that holds a role keeps its shards: it lets the turns end that have begun, and other calls wait for the next one.
 */
record Leaving(
    ClusterPart cluster,
    CallServer callServer,
    Calls calls,
    @Nullable Edge edge,
    AtomicBoolean done)
    implements AutoCloseable {
  private static final Duration LEAVE_TIME = Duration.ofSeconds(10);

  /** How long no call may have come from other nodes before this one leaves. */
  private static final Duration QUIET_TIME = Duration.ofMillis(200);

  private static final Duration QUIET_TIME_MAX = Duration.ofSeconds(2);

  /** The sum of all bounds here: how long leaving takes at most. */
  static final Duration TIME_MAX = LEAVE_TIME.multipliedBy(3).plus(QUIET_TIME_MAX.multipliedBy(2));

  @Override
  public void close() {
    if (!done.compareAndSet(false, true)) {
      return;
    }
    if (edge != null) {
      edge.leaving();
    }
    try {
      boolean given = cluster.handOver(LEAVE_TIME);
      if (edge != null) {
        edge.close();
      }
      if (cluster.leavesVacancy()) {
        callServer.turnAway();
      }
      if (!callServer.awaitQuiet(
          QUIET_TIME.toNanos(), System.nanoTime() + QUIET_TIME_MAX.toNanos())) {
        // Some node is far behind, or the store is slow: no more calls, but what has begun is
        // answered, for nobody else can say what became of it.
        callServer.turnAway();
        boolean unused = callServer.awaitQuiet(0, System.nanoTime() + LEAVE_TIME.toNanos());
      }
      if (given) {
        cluster.awaitGivenAway(LEAVE_TIME);
      }
      cluster.leave();
      // A call that comes in while the port is closed is lost, and nobody can say that it did not
      // run: the others must have seen that this node is no member.
      boolean unusedSilence =
          callServer.awaitSilence(
              QUIET_TIME.toNanos() / 2, System.nanoTime() + QUIET_TIME_MAX.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (edge != null) {
        edge.close();
      }
    }
    calls.close();
  }
}
