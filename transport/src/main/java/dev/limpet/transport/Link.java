package dev.limpet.transport;

import dev.limpet.transport.LinkException.Reason;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * This node's way to one peer: connects when first needed, and again when needed after a connection was lost. After an
 * attempt that failed, requests fail at once until a pause is over (growing, jittered, bounded); while it connects they
 * wait, within their deadlines. For any thread.
 *
 * <p>A request runs at most once: nothing is ever sent again by itself.
 */
public final class Link {
  private static final int BACK_OFF_STEPS = 50;

  private final Shared shared;
  private final InetSocketAddress address;
  private final DeadlineClock clock;
  private final Runnable onClose;
  private volatile @Nullable Dialed current;
  private volatile boolean closed;
  private volatile boolean renewing; // there is a next one, or some that retire

  // Guarded by this.
  private @Nullable Dialed next; // connects, to take the place of the current one
  private final List<Dialed> retiring = new ArrayList<>(); // take no more requests
  private int failures;
  private long retryAtNanos;
  private @Nullable LinkException lastFailure;

  Link(Shared shared, InetSocketAddress address, DeadlineClock clock, Runnable onClose) {
    this.shared = shared;
    this.address = address;
    this.clock = clock;
    this.onClose = onClose;
  }

  /**
   * Sends a request and returns at once, whatever the connection does.
   *
   * @param kind 0 to 65,535
   * @param body not to be changed before this returns
   * @param deadlineNanos by System.nanoTime; noticed up to 20 ms late
   * @return the answer, or a {@link LinkException}; completed on the reading thread, where nothing may block
   */
  public CompletableFuture<byte[]> request(int kind, byte[] body, long deadlineNanos) {
    Call.Promised call = new Call.Promised(deadlineNanos);
    try {
      Dialed unused = submit(kind, body, call, System.nanoTime());
    } catch (LinkException e) {
      call.future.completeExceptionally(e);
    }
    return call.future;
  }

  /**
   * Sends a request and waits for the answer. Meant for virtual threads; good for all.
   *
   * @param timeoutNanos from now; noticed up to 20 ms late
   * @throws LinkException when there is none
   */
  public byte[] call(int kind, byte[] body, long timeoutNanos) {
    long now = System.nanoTime();
    long deadline = now + Math.min(timeoutNanos, Long.MAX_VALUE / 2);
    return call(kind, body, new Call.Parked(deadline, null), now);
  }

  /** Requests that can be given up together. */
  public Bundle bundle() {
    return new Bundle(this);
  }

  void giveUp(Bundle bundle) {
    connections().forEach(each -> each.giveUp(bundle));
  }

  byte[] call(int kind, byte[] body, Call.Parked call, long nowNanos) {
    Dialed by = submit(kind, body, call, nowNanos);
    if (call.isGivenUp()) {
      // It was over before it could be found in the table.
      by.giveUp(call);
    }
    while (!call.ended()) {
      LockSupport.park(this);
      if (Thread.currentThread().isInterrupted() && !call.ended()) {
        Boolean mayHaveRun = by.abandon(call);
        if (mayHaveRun != null) {
          throw new LinkException(
              Reason.INTERRUPTED,
              mayHaveRun,
              "interrupted while waiting for an answer of " + address);
        }
        // It is being ended at this moment; parking would return at once while interrupted.
        while (!call.ended()) {
          Thread.onSpinWait();
        }
      }
    }
    return call.result();
  }

  /**
   * Sends what wants no answer. That this returns does not mean that it arrives.
   *
   * @throws LinkException when it was certainly not sent
   */
  public void send(int kind, byte[] body) {
    check(kind, body);
    for (int attempt = 0; attempt < 2; attempt++) {
      if (connection().send(kind, body)) {
        return;
      }
    }
    throw lostAtOnce();
  }

  private Dialed submit(int kind, byte[] body, Call call, long nowNanos) {
    check(kind, body);
    if (call.deadlineNanos - nowNanos <= 0) {
      shared.counters().deadlines.increment();
      throw new LinkException(
          Reason.DEADLINE, false, "the deadline had passed before the request was sent");
    }
    for (int attempt = 0; attempt < 2; attempt++) {
      Dialed connection = connection();
      if (connection.request(kind, body, call, nowNanos)) {
        clock.wake();
        return connection;
      }
    }
    throw lostAtOnce();
  }

  private LinkException lostAtOnce() {
    return new LinkException(
        Reason.NOT_CONNECTED, false, "connections to " + address + " end as soon as they are made");
  }

  private void check(int kind, byte[] body) {
    if (kind < 0 || kind > Frame.KIND_MAX) {
      throw new IllegalArgumentException("kind must be 0 to 65,535, is " + kind);
    }
    int max = shared.config().frameBytesMax() - Frame.HEADER_BYTES;
    if (body.length > max) {
      throw new LinkException(
          Reason.TOO_LARGE,
          false,
          "body of " + body.length + " bytes; the largest is " + max + ": send less at a time");
    }
  }

  /** Where this link stands. */
  public LinkState state() {
    Dialed connection = current;
    if (closed) {
      return LinkState.CLOSED;
    }
    if (connection != null && !connection.hasEnded()) {
      return connection.peerHello() == null ? LinkState.CONNECTING : LinkState.CONNECTED;
    }
    synchronized (this) {
      return failures > 0 && retryAtNanos - System.nanoTime() > 0
          ? LinkState.BACKING_OFF
          : LinkState.IDLE;
    }
  }

  /** The peer's address. */
  public InetSocketAddress address() {
    return address;
  }

  /** The identity that the peer gave on the present connection; not to be changed. */
  public Optional<byte[]> peerHello() {
    Dialed connection = current;
    return connection == null || connection.hasEnded()
        ? Optional.empty()
        : Optional.ofNullable(connection.peerHello());
  }

  /** Requests that wait for their answer. */
  public int inFlight() {
    int sum = 0;
    for (Dialed each : connections()) {
      sum += each.inFlight();
    }
    return sum;
  }

  /** Those that requests wait on. */
  private List<Dialed> connections() {
    Dialed connection = current;
    if (!renewing) {
      return connection == null ? List.of() : List.of(connection);
    }
    synchronized (this) {
      List<Dialed> all = new ArrayList<>(retiring);
      if (current != null) {
        all.add(current);
      }
      return all;
    }
  }

  /**
   * Replaces the connection by a new one, if there is one, so that no request notices: it is used until the other is
   * there, and closed when what it was asked is answered. If no other can be made, it stays.
   */
  void renew() {
    Dialed fresh;
    Dialed obsolete;
    synchronized (this) {
      if (closed || current == null || current.hasEnded()) {
        return;
      }
      obsolete = next;
      fresh = new Dialed(shared, address, this::ended);
      next = fresh;
      renewing = true;
    }
    if (obsolete != null) {
      obsolete.end(Reason.CLOSED, "replaced by a newer connection to " + address);
    }
    fresh.start();
    clock.wake();
  }

  private void settle(long nowNanos) {
    List<Dialed> old;
    synchronized (this) {
      Dialed fresh = next;
      if (fresh != null && fresh.hasEnded()) {
        next = null;
      } else if (fresh != null && fresh.peerHello() != null) {
        if (current != null) {
          retiring.add(current);
        }
        current = fresh;
        next = null;
      }
      old = List.copyOf(retiring);
    }
    for (Dialed each : old) {
      boolean unused = each.sweep(nowNanos) || each.endIfIdle();
    }
    synchronized (this) {
      retiring.removeIf(Dialed::hasEnded);
      renewing = next != null || !retiring.isEmpty();
    }
  }

  /** Closes the connection, fails what waits, and forgets this link: the transport makes a new one when asked. */
  public void close() {
    List<Dialed> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(connections());
      if (next != null) {
        all.add(next);
      }
    }
    for (Dialed each : all) {
      each.end(Reason.CLOSED, "the link to " + address + " was closed");
    }
    onClose.run();
  }

  /** Ends requests whose deadline has passed; true when others wait. */
  boolean sweep(long nowNanos) {
    if (renewing) {
      settle(nowNanos);
    }
    Dialed connection = current;
    boolean waits = connection != null && connection.sweep(nowNanos);
    return waits || renewing;
  }

  private Dialed connection() {
    Dialed connection = current;
    if (connection != null && !connection.hasEnded()) {
      return connection;
    }
    synchronized (this) {
      if (closed) {
        throw new LinkException(Reason.CLOSED, false, "the link to " + address + " was closed");
      }
      connection = current;
      if (connection != null && !connection.hasEnded()) {
        return connection;
      }
      long pause = retryAtNanos - System.nanoTime();
      if (failures > 0 && pause > 0) {
        Reason reason = lastFailure == null ? Reason.NOT_CONNECTED : notSent(lastFailure.reason());
        throw new LinkException(
            reason,
            false,
            "not connected to "
                + address
                + ", next attempt in "
                + TimeUnit.NANOSECONDS.toMillis(pause)
                + " ms; last: "
                + (lastFailure == null ? "" : lastFailure.getMessage()));
      }
      connection = new Dialed(shared, address, this::ended);
      current = connection;
    }
    connection.start();
    return connection;
  }

  private static Reason notSent(Reason reason) {
    return reason == Reason.HELLO_REFUSED ? reason : Reason.NOT_CONNECTED;
  }

  private synchronized void ended(Dialed connection, LinkException cause) {
    if (connection != current) {
      return;
    }
    if (connection.wasOfUse()) {
      failures = 0;
      return;
    }
    long max = shared.config().backOffMax().toNanos();
    long pause = Math.min(max, max / BACK_OFF_STEPS << Math.min(failures, 20));
    failures++;
    lastFailure = cause;
    retryAtNanos =
        System.nanoTime() + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
  }
}
