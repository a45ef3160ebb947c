package dev.limpet.node.cluster;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.Placement;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An operator's orders to give processes a home of their own, or to give it back; each waits until it is carried out. */
public final class PinOrders {
  private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final ClusterPart cluster;

  PinOrders(ClusterPart cluster) {
    this.cluster = cluster;
  }

  /**
   * Pins a process to a node, and waits until it is at home there.
   *
   * @return whether it is, by the end of the wait; if not, it is under way
   */
  public boolean move(ProcessId id, String node) {
    return order(new Command.Pin(id, node), view -> isAt(view, id, node));
  }

  private static boolean isAt(Placement view, ProcessId id, String node) {
    Pin pin = view.pins().of(id);
    Member home = pin == null ? null : view.members().get(pin.at().home());
    return home != null && home.name().equals(node);
  }

  /** Ends a pin, and waits until the process is in its hashed shard; false if it is still under way then. */
  public boolean unpin(ProcessId id) {
    return order(new Command.Unpin(id), view -> view.pins().of(id) == null);
  }

  private boolean order(Command command, Predicate<Placement> done) {
    long until = System.nanoTime() + BOUND_NANOS;
    try {
      Outcome outcome = cluster.decide(command);
      while (outcome instanceof Outcome.Refused r) {
        refuse(r, until);
        pause(until);
        outcome = cluster.decide(command);
      }
      while (!done.test(cluster.view()) && System.nanoTime() - until < 0) {
        pause(until);
      }
      return done.test(cluster.view());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Returns if the order is to be given again. */
  private static void refuse(Outcome.Refused r, long until) {
    switch (r.reason()) {
      case OVERTAKEN, NOT_FORMED -> {
        if (System.nanoTime() - until >= 0) {
          throw new Unavailable(
              ErrorCode.NO_HOME,
              Executed.NO,
              "the process is on the move already, or has no home; try again");
        }
      }
      case NOT_PINNED -> throw new CallRefused(ErrorCode.NOT_PINNED, r.detail());
      case TOO_MANY_PINS -> throw new CallRefused(ErrorCode.TOO_MANY_PINS, r.detail());
      case NOT_A_MEMBER,
          STILL_A_MEMBER,
          DRAINED,
          LACKS_ROLE,
          NAME_TAKEN,
          OTHER_CLUSTER,
          TYPES_DIFFER ->
          throw new CallRefused(ErrorCode.NODE_UNFIT, r.detail());
    }
  }

  private void pause(long until) throws InterruptedException {
    long seen = cluster.changes().version();
    boolean unused =
        cluster.changes().await(seen, Math.min(System.nanoTime() + 50_000_000L - until, 0) + until);
  }
}
