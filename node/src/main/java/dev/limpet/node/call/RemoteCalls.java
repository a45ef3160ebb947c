package dev.limpet.node.call;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.transport.Bundle;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Sends calls to other nodes and gives up those whose home has ended. Thread-safe. */
public final class RemoteCalls {
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

  private final Transport transport;

  /** The calls to each registration that was asked. */
  private final Map<Long, Peer> peers = new ConcurrentHashMap<>();

  /** Those of the view before. */
  private volatile Set<String> drained = Set.of();

  /** No usable answer. {@code mayHaveRun} is false only when the call was certainly not begun. */
  static final class Lost extends Exception {
    private static final long serialVersionUID = 1L;
    final boolean mayHaveRun;
    final boolean late;

    Lost(String message, boolean mayHaveRun, boolean late, Throwable cause) {
      super(message, cause);
      this.mayHaveRun = mayHaveRun;
      this.late = late;
    }
  }

  public RemoteCalls(Transport transport) {
    this.transport = transport;
  }

  /**
   * Asks a home, and waits.
   *
   * @param nowNanos System.nanoTime, read a moment ago
   */
  Reply call(Member home, byte[] request, long deadlineNanos, long nowNanos) throws Lost {
    try {
      return Reply.decode(peer(home).call(FrameKind.CALL, request, deadlineNanos, nowNanos));
    } catch (LinkException e) {
      boolean late =
          e.reason() == LinkException.Reason.DEADLINE
              || e.reason() == LinkException.Reason.INTERRUPTED;
      throw new Lost(String.valueOf(e.getMessage()), e.mayHaveRun(), late, e);
    }
  }

  private Bundle peer(Member home) {
    Peer known = peers.get(home.registration());
    return known != null
        ? known.calls
        : peers.computeIfAbsent(
                home.registration(),
                r ->
                    new Peer(
                        home.name(),
                        transport.link(Addresses.parse(home.clusterAddress())).bundle()))
            .calls;
  }

  /**
   * Gives up what is asked of nodes that are no members any more: of one that expired at once; of one that was drained, and
   * so has left by itself, after a while, since it answers what it was asked before its port closes.
   */
  public void placed(Placement view) {
    for (Long registration : List.copyOf(peers.keySet())) {
      if (!view.members().containsKey(registration)) {
        Peer gone = peers.remove(registration);
        if (gone != null && drained.contains(gone.name)) {
          Thread unused =
              Thread.ofVirtual().name("last-answers-" + gone.name).start(gone::giveUpInAWhile);
        } else if (gone != null) {
          gone.calls.giveUp();
        }
      }
    }
    drained = view.drained();
  }

  private record Peer(String name, Bundle calls) {
    private void giveUpInAWhile() {
      try {
        Thread.sleep(LAST_ANSWERS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      calls.giveUp();
    }
  }
}
