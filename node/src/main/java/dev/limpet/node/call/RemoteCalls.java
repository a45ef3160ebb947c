package dev.limpet.node.call;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends calls to other nodes and gives up those whose home has ended. Thread-safe. */
public final class RemoteCalls {
  private final Transport transport;
  private final Map<Long, Peer> peers = new ConcurrentHashMap<>();

  private record Peer(InetSocketAddress address, Set<Asked> underWay) {}

  /** One call under way; each is itself only. */
  private static final class Asked {
    final CompletableFuture<byte[]> answer;

    Asked(CompletableFuture<byte[]> answer) {
      this.answer = answer;
    }
  }

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

  /** The registration that was asked has ended, says the view. */
  private static final class HomeEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HomeEnded() {
      super("the home has expired", null, false, false);
    }
  }

  public RemoteCalls(Transport transport) {
    this.transport = transport;
  }

  /** Asks a home, and waits. */
  Reply call(Member home, byte[] request, long deadlineNanos) throws Lost {
    Peer peer =
        peers.computeIfAbsent(
            home.registration(),
            r -> new Peer(Addresses.parse(home.clusterAddress()), ConcurrentHashMap.newKeySet()));
    CompletableFuture<byte[]> answer =
        transport.link(peer.address).request(FrameKind.CALL, request, deadlineNanos);
    Asked asked = new Asked(answer);
    peer.underWay.add(asked);
    try {
      if (peers.get(home.registration()) != peer) {
        throw new Lost("the home has expired", true, false, new HomeEnded());
      }
      return Reply.decode(answer.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LinkException l) {
        boolean late = l.reason() == LinkException.Reason.DEADLINE;
        throw new Lost(String.valueOf(l.getMessage()), l.mayHaveRun(), late, l);
      }
      throw new Lost(String.valueOf(e.getCause()), true, false, e);
    } catch (TimeoutException e) {
      throw new Lost("no answer by the deadline", true, true, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Lost("the calling thread was interrupted", true, true, e);
    } finally {
      peer.underWay.remove(asked);
    }
  }

  /** Gives up what is asked of nodes that are no members any more. */
  public void placed(Placement view) {
    for (Long registration : List.copyOf(peers.keySet())) {
      if (!view.members().containsKey(registration)) {
        Peer gone = peers.remove(registration);
        if (gone != null) {
          gone.underWay.forEach(each -> each.answer.completeExceptionally(new HomeEnded()));
        }
      }
    }
  }
}
