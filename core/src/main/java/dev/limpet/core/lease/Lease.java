package dev.limpet.core.lease;

import dev.limpet.core.Invariant;
import dev.limpet.core.ledger.Command.Renewal;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;

/**
 * The holder's side of one registration's lease: until when this node may begin something. Times are this process's
 * monotonic clock. Not thread-safe; publish {@link #beginsUntil()} to other threads.
 */
/*
 * A renewal is acknowledged with the ledger index at which it was applied. It makes the lease last until (time it was
 * first sent + lease), and counts only when the local view has reached that index (rule 2): else a node could serve a
 * shard on an old view with a new lease. After a pause nothing counts that was sent before the pause was noticed
 * (rule 5). A rejected renewal ends the registration for ever (rule 1).
 *
 * What a renewal names as the last acknowledgement seen (rule 3) is the last one that counted. A node whose replica does
 * not move on sees acknowledgements and yet never serves; it must expire like one that sees none.
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

  /** An acknowledgement; {@code until} is {@link #NEVER} when it was sent before a pause. */
  private record Granted(long sequence, long index, long until) {}

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
    for (Iterator<Sent> all = sent.iterator(); all.hasNext(); ) {
      Sent s = all.next();
      if (s.sequence > renewal) {
        break;
      }
      all.remove();
      if (s.sequence == renewal) {
        waiting.addLast(
            new Granted(renewal, index, s.at >= notBefore ? s.at + times.lease() : NEVER));
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
        acknowledged = Math.max(acknowledged, g.sequence);
        until = Math.max(until, g.until);
      }
    }
  }

  /** This process was paused, or may have been: nothing begins until a renewal sent from now on is acknowledged. */
  public void paused(long now) {
    notBefore = now;
    until = NEVER;
    List<Granted> seen =
        waiting.stream().map(g -> new Granted(g.sequence, g.index, NEVER)).toList();
    waiting.clear();
    waiting.addAll(seen);
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
