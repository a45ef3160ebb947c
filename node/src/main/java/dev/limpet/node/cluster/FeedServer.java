package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.Placement;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.node.home.Signal;
import dev.limpet.transport.Inbound;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells nodes without a replica what this node's replica has applied. Each request waits, on a virtual thread, until
 * there is something to say or {@link #BOUND_NANOS} are over. Thread-safe.
 */
public final class FeedServer implements LedgerReplica.Listener {
  /** How long a request waits for something new. */
  static final long BOUND_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private final LedgerReplica replica;
  private final ReplicatedLog ledger;
  private final ReplicatedLog store;
  private final Voters voters;
  private final Signal news = new Signal();
  private final DecisionLines lines = new DecisionLines();

  public FeedServer(
      LedgerReplica replica, ReplicatedLog ledger, ReplicatedLog store, Voters voters) {
    this.voters = voters;
    this.replica = replica;
    this.ledger = ledger;
    this.store = store;
    replica.listen(this);
  }

  /**
   * What a node without a replica knows.
   *
   * @param index the last entry that its view contains
   * @param leader of the ledger, as it was told
   * @param told the last entry whose decisions it was told in words; 0 if none yet
   */
  record Asked(long index, @Nullable String leader, long told) {
    byte[] encode() {
      return new ByteWriter(32)
          .number(index)
          .text(leader == null ? "" : leader)
          .number(told)
          .toBytes();
    }

    static Asked decode(byte[] bytes) {
      ByteReader in = new ByteReader(bytes);
      long index = in.number();
      String leader = in.text(256);
      long told = in.number();
      in.end();
      return new Asked(index, leader.isEmpty() ? null : leader, told);
    }
  }

  /** Answers {@link FrameKind#FEED}. */
  public void serve(Inbound request) {
    Asked asked = Asked.decode(request.body());
    Thread unused =
        Thread.startVirtualThread(() -> {
          try {
            request.reply(answer(asked).encode());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            request.fail("interrupted");
          } catch (RuntimeException e) {
            request.fail("the feed failed: " + e);
          }
        });
  }

  private FeedAnswer answer(Asked asked) throws InterruptedException {
    long until = System.nanoTime() + BOUND_NANOS;
    while (true) {
      long seen = news.version();
      LedgerReplica.Since since = replica.since(asked.index);
      Leadership leads = ledger.leadership();
      boolean changed =
          since.index() > asked.index || !Objects.equals(leads.leader(), asked.leader);
      if (changed || !news.await(seen, until)) {
        Voters.Listed vote = voters.listed();
        return new FeedAnswer(
            since.index(),
            leads,
            store.leadership(),
            vote.voters(),
            vote.since(),
            since.image(),
            lines.since(asked.told));
      }
    }
  }

  @Override
  public void applied(long index, Placement view, List<Decision> decisions) {
    if (!decisions.isEmpty()) {
      lines.decided(index, decisions);
    }
    news.raise();
  }

  @Override
  public void leads(Leadership now) {
    news.raise();
  }
}
