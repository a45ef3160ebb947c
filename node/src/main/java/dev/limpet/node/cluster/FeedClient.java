package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Brings the ledger to a node that has no replica of it: asks one voter after what it knows, again and again, and another
 * one when that one falls silent or stands still.
 */
/*
 * What counts here is that the index is truthful (rule 2): a lease counts once the view has reached the entry that
 * acknowledged it. A voter answers with the last entry that it has applied and, unless nothing but renewals came since,
 * with the state as of that entry; both are read under one lock. An answer from a voter that is behind what is known
 * already is passed over, so the view never goes back. A voter that is cut off from the others answers and stands still:
 * as members renew all the time, a ledger that does not move for a while is a reason to ask the next.
 */
public final class FeedClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FeedClient.class.getName());
  private static final long ANSWER_NANOS =
      FeedServer.BOUND_NANOS + TimeUnit.MILLISECONDS.toNanos(500);
  private static final long STILL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private final LedgerReplica replica;
  private final BooleanSupplier own;
  private final Voters voters;
  private final Transport transport;
  private final RemoteLog ledger;
  private final RemoteLog store;
  private final Thread thread;
  private volatile boolean closed;

  // Touched by the one thread only.
  private int at;
  private long movedNanos;
  private long told;

  /**
   * Built, not started.
   *
   * @param replica takes what is learned
   * @param own whether this node has a replica that takes part; nobody is asked then
   * @param entryBytesMax the largest entry that the logs take
   */
  public FeedClient(
      LedgerReplica replica,
      Voters voters,
      Transport transport,
      BooleanSupplier own,
      int entryBytesMax) {
    this.own = own;
    this.replica = replica;
    this.voters = voters;
    this.transport = transport;
    this.ledger = new RemoteLog(entryBytesMax);
    this.store = new RemoteLog(entryBytesMax);
    this.thread = Thread.ofPlatform().daemon().name("limpet-feed").unstarted(this::work);
  }

  public void start() {
    movedNanos = System.nanoTime();
    thread.start();
  }

  /** The ledger, as the feed shows it. */
  public ReplicatedLog ledger() {
    return ledger;
  }

  /** The store's log, as the feed shows it. */
  public ReplicatedLog store() {
    return store;
  }

  private void work() {
    while (!closed) {
      if (own.getAsBoolean()) {
        // This node's own replica says all that the feed could.
        movedNanos = System.nanoTime();
        LockSupport.parkNanos(PAUSE_NANOS);
        continue;
      }
      List<InetSocketAddress> others = voters.others(null);
      if (others.isEmpty() || !ask(others.get(Math.floorMod(at, others.size())))) {
        at++;
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Asks one voter; false if another should be asked. */
  private boolean ask(InetSocketAddress voter) {
    FeedServer.Asked asked =
        new FeedServer.Asked(ledger.appliedIndex(), ledger.leadership().leader(), told);
    try {
      byte[] answer = transport.link(voter).call(FrameKind.FEED, asked.encode(), ANSWER_NANOS);
      return take(asked.index(), FeedAnswer.decode(answer));
    } catch (LinkException | ByteReader.Malformed e) {
      LOG.log(Level.DEBUG, () -> "voter " + voter + " gave no feed: " + e.getMessage());
      return false;
    }
  }

  private boolean take(long known, FeedAnswer answer) {
    if (answer.index() < known) {
      return false;
    }
    ledger.learned(answer.ledger());
    store.learned(answer.store());
    voters.are(answer.voters(), answer.votersSince());
    long now = System.nanoTime();
    if (answer.index() > known) {
      replica.learned(answer.index(), answer.image());
      ledger.learned(answer.index());
      movedNanos = now;
    } else if (now - movedNanos > STILL_NANOS) {
      movedNanos = now;
      return false;
    }
    if (!answer.lines().isEmpty()) {
      told = answer.lines().getLast().index();
      replica.told(answer.lines());
    } else if (told == 0) {
      told = answer.index();
    }
    return true;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
