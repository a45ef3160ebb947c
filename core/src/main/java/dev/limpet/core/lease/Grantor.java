package dev.limpet.core.lease;

import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.Reach;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The granting side of all leases: gathers renewals into entries, and proposes the expiry of members that are silent.
 * Runs on each replica of the ledger, since a new leader needs to know when renewals were applied; acts only while it
 * leads. Times are this process's monotonic clock. Soft state, not thread-safe.
 */
/*
 * It only proposes. Whether a member expires is decided when the entry is applied, by comparison with the renewals that
 * were applied before it. Its patience (rule 4): a member's wait counts from the time at which this replica applied the
 * member's last renewal, and nobody is expired earlier than two heartbeats after this replica became ready to lead; a
 * pause of this process starts all waits afresh. It is a pause if nothing at all happened here: a tick that comes late,
 * while entries are applied and renewals arrive, has met a lock, and nobody's renewals wait unread behind it.
 *
 * One-way cuts (rule 3): a node whose renewals arrive but which does not see the acknowledgements would be a member for
 * ever and never serve. Each renewal names the last acknowledgement that its sender saw; once the oldest one that it has
 * not seen is older than a third of a lease, its renewals are no longer passed on, and it expires unless it sees one.
 * Not a whole lease, since each renewal that is passed on makes the others wait anew for the end of it.
 *
 * While the log does not move (no majority, or this replica was deposed and does not know it), nobody's renewals are
 * applied here. That is not the members' silence, and an expiry that was appended meanwhile would be the first thing to
 * be committed afterwards: so nobody is expired while the last renewals were applied here long ago, and when they are
 * applied again the patience of a new leader begins anew. A leader to whom nobody sends renewals appends empty ones: only
 * an applied entry proves that the log moves. A renewal that was taken for the log counts against the member's silence
 * as well. Waiting longer is always safe.
 */
public final class Grantor {
  private final Times times;
  private static final int PENDING_MAX = 10_000;
  private static final long NEVER = Long.MIN_VALUE;

  private final Map<Long, Heard> heard = new HashMap<>();
  private final Map<Long, Renewal> pending = new LinkedHashMap<>();
  private final Shortfalls shortfalls = new Shortfalls();
  private boolean leading;
  private long leadingSince;
  private long movedAt;
  private long appendedAt;
  private long aliveAt;
  private boolean ticked;

  private static final class Heard {
    final String node;
    long sequence;

    /** When its last renewal was applied here, or taken for the log, or its wait was started afresh. */
    long at;

    /** Since when its renewals show that it has a lease; {@link #NEVER} while they do not. */
    long holdsSince = NEVER;

    long expiryProposedAt;
    boolean expiryProposed;

    /** When each applied renewal was applied here, for those whose acknowledgement the node has not shown to have. */
    final TreeMap<Long, Long> unseen = new TreeMap<>();

    Heard(Member member, long at) {
      this.node = member.name();
      this.sequence = member.sequence();
      this.at = at;
    }
  }

  public Grantor(Times times) {
    this.times = times;
  }

  /** This replica leads, and has applied the first entry of its term. */
  public void leads(long now) {
    leading = true;
    leadingSince = now;
    movedAt = now;
    appendedAt = now;
  }

  /** This replica does not lead any more; gathered renewals are dropped, and nobody was told that they count. */
  public void follows() {
    leading = false;
    pending.clear();
  }

  /** The members as of the latest applied entry. */
  public void membersAre(Placement view, long now) {
    heard.keySet().retainAll(view.members().keySet());
    shortfalls.membersAre(view.members());
    for (Member m : view.members().values()) {
      Heard h = heard.computeIfAbsent(m.registration(), r -> new Heard(m, now));
      // A replica that starts from a checkpoint has not seen the renewals in it one by one.
      h.sequence = Math.max(h.sequence, m.sequence());
    }
  }

  /** Renewals were applied here, be it none. */
  public void applied(Command.Renew renewals, long now) {
    noticePause(now);
    if (leading && stuck(now)) {
      leadingSince = now;
    }
    movedAt = now;
    for (Renewal r : renewals.renewals()) {
      Heard h = heard.get(r.registration());
      if (h != null && r.sequence() > h.sequence) {
        h.sequence = r.sequence();
        h.at = now;
        shortfalls.said(r.registration(), r.reach(), now);
        h.unseen.headMap(r.acknowledged(), true).clear();
        h.unseen.put(r.sequence(), now);
        boolean behind = now - h.unseen.firstEntry().getValue() > times.lease() / 2;
        if (r.acknowledged() == 0 || behind) {
          h.holdsSince = NEVER;
        } else if (h.holdsSince == NEVER) {
          h.holdsSince = now;
        }
      }
    }
  }

  /** Whether a renewal that arrived shall go into the log; it is then acknowledged only by its applied entry. */
  public boolean offer(Renewal r, long now) {
    if (!leading) {
      return false;
    }
    noticePause(now);
    Heard h = heard.get(r.registration());
    if (h != null) {
      Map.Entry<Long, Long> oldest = h.unseen.higherEntry(r.acknowledged());
      if (oldest != null && now - Math.max(oldest.getValue(), leadingSince) > times.deaf()) {
        return false;
      }
    }
    if (!r.reach().all() && lacksForLong(r.registration(), now)) {
      return false;
    }
    if (pending.size() >= PENDING_MAX && !pending.containsKey(r.registration())) {
      return false;
    }
    if (h != null && r.sequence() > h.sequence) {
      h.at = now;
    }
    // A registration that is not known here goes into the log as well: the applied answer is what
    // rejects it.
    pending.merge(r.registration(), r, (a, b) -> a.sequence() >= b.sequence() ? a : b);
    return true;
  }

  private boolean lacksForLong(long registration, long now) {
    return shortfalls.lasting(
        registration,
        leadingSince,
        2 * times.lease(),
        heard.size(),
        r -> silentFor(r, now) < times.lease(),
        now);
  }

  /** What a member says that it reaches, as of its last applied renewal. */
  public Reach reachOf(long registration) {
    return shortfalls.of(registration);
  }

  /** What to append now; called about every quarter of a heartbeat. */
  public List<Command> tick(long now) {
    noticePause(now);
    ticked = true;
    if (!leading) {
      return List.of();
    }
    List<Command> commands = new ArrayList<>();
    if (!pending.isEmpty() || now - appendedAt >= times.heartbeat()) {
      appendedAt = now;
      commands.add(new Command.Renew(List.copyOf(pending.values())));
      pending.clear();
    }
    if (now - leadingSince > 2 * times.heartbeat() && !stuck(now)) {
      silent(now).forEach(commands::add);
    }
    return commands;
  }

  private boolean stuck(long now) {
    return now - movedAt > times.lease() / 2;
  }

  private void noticePause(long now) {
    if (ticked && now - aliveAt > times.pause()) {
      leadingSince = now;
      heard.values().forEach(h -> h.at = now);
    }
    aliveAt = now;
  }

  private Collection<Command> silent(long now) {
    TreeMap<Long, Command> silent = new TreeMap<>();
    heard.forEach((registration, h) -> {
      boolean asked = h.expiryProposed && now - h.expiryProposedAt < 2 * times.heartbeat();
      if (now - h.at > times.grace() && !asked) {
        h.expiryProposed = true;
        h.expiryProposedAt = now;
        silent.put(registration, new Command.Expire(h.node, registration, h.sequence));
      }
    });
    return silent.values();
  }

  /**
   * For how long a member has shown, by the acknowledgements that it has seen, that it holds its lease; -1 if it does not,
   * or lacks the store or its peers.
   * One that has just joined may be far behind with its view, and serve nothing yet.
   */
  public long holdingFor(long registration, long now) {
    Heard h = heard.get(registration);
    if (h == null
        || h.holdsSince == NEVER
        || !reachOf(registration).all()
        || now - h.at > times.lease() / 2) {
      return -1;
    }
    return now - h.holdsSince;
  }

  /** How long ago a member was last heard of here, in nanoseconds, or -1. */
  public long silentFor(long registration, long now) {
    Heard h = heard.get(registration);
    return h == null ? -1 : now - h.at;
  }
}
