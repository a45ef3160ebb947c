package dev.limpet.core.lease;

import dev.limpet.core.Invariant;
import dev.limpet.core.ledger.Command.Renewal;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The holder's side of one registration's lease: until when this node may begin something. Times are this process's
 * monotonic clock. Not thread-safe; publish {@link #beginsUntil()} to other threads.
 */
/*
 * A renewal is acknowledged with the ledger index at which it was applied. It makes the lease last until (time it was
 * first sent + lease), and counts only when the local view has reached that index (rule 2): else a node could serve a
 * shard on an old view with a new lease. After a pause nothing counts that was sent before the pause was noticed
 * (rule 5). A rejected renewal ends the registration for ever (rule 1).
 */
public final class Lease {
  private static final int SENT_MAX = 64;
  private static final long NEVER = Long.MIN_VALUE;

  private final String node;
  private final long registration;
  private final Times times;
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private final ArrayDeque<Granted> waiting = new ArrayDeque<>();
  private long sequence;
  private long acknowledged;
  private long viewIndex;
  private long until = NEVER;
  private long notBefore = NEVER;
  private boolean ended;

  private record Sent(long sequence, long at) {}

  private record Granted(long index, long until) {}

  /** A lease that does not hold yet; the first renewal makes it. */
  public Lease(String node, long registration, Times times) {
    this.node = node;
    this.registration = registration;
    this.times = times;
  }

  public long registration() {
    return registration;
  }

  /** The next renewal, to be sent at once. */
  public Renewal renew(long now) {
    Invariant.check(!ended, "an ended lease is never renewed");
    sequence++;
    sent.addLast(new Sent(sequence, now));
    if (sent.size() > SENT_MAX) {
      sent.removeFirst();
    }
    return new Renewal(node, registration, sequence, acknowledged);
  }

  /** A renewal was applied at that index. */
  public void acknowledged(long renewal, long index) {
    if (ended) {
      return;
    }
    acknowledged = Math.max(acknowledged, renewal);
    for (Iterator<Sent> all = sent.iterator(); all.hasNext(); ) {
      Sent s = all.next();
      if (s.sequence > renewal) {
        break;
      }
      all.remove();
      if (s.sequence == renewal && s.at >= notBefore) {
        waiting.addLast(new Granted(index, s.at + times.lease()));
        promote();
      }
    }
  }

  /** The local view contains everything up to that index. */
  public void viewReached(long index) {
    viewIndex = Math.max(viewIndex, index);
    promote();
  }

  private void promote() {
    for (Iterator<Granted> all = waiting.iterator(); all.hasNext(); ) {
      Granted g = all.next();
      if (g.index <= viewIndex) {
        all.remove();
        until = until == NEVER ? g.until : Math.max(until, g.until);
      }
    }
  }

  /** This process was paused, or may have been: nothing begins until a renewal sent from now on is acknowledged. */
  public void paused(long now) {
    notBefore = now;
    until = NEVER;
    waiting.clear();
  }

  /** A renewal was rejected, or the view shows that the registration has ended: for ever. */
  public void end() {
    ended = true;
    until = NEVER;
    waiting.clear();
  }

  public boolean ended() {
    return ended;
  }

  /** Nothing is begun from this time on; {@link Long#MIN_VALUE} when nothing may be begun at all. */
  public long beginsUntil() {
    return until == NEVER ? NEVER : until - times.guard();
  }

  /** Whether something may be begun now. */
  public boolean holds(long now) {
    return until != NEVER && now - beginsUntil() < 0;
  }
}
