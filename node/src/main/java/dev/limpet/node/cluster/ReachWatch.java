package dev.limpet.node.cluster;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Reach;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.home.Async;
import dev.limpet.transport.Transport;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Finds out what this node reaches: the store, and most of the members (rule 3). Thread-safe. */
/*
 * By asking, not by looking at connections: one that passes nothing on looks well for minutes. A member is reached while
 * it has answered a question that was put within the last lease; the store while an empty commit that was sent within the
 * last lease was taken, and this node's replica of it, if it has one, got as far. A node that stands still finds itself
 * without either when it wakes, until it has asked again: for a moment, which lets nobody go.
 */
public final class ReachWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ReachWatch.class.getName());

  private final Cluster cluster;
  private final String self;
  private final Transport transport;
  private final StoreProbe store;
  private final Times times;
  private final Map<String, Long> answered = new ConcurrentHashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-reach").factory());
  private volatile long storeTookAt = System.nanoTime();
  private volatile boolean storeAsked;
  private volatile String storeLacks = "";
  private volatile Reach last = Reach.ALL;

  /** Saves nothing, as far as this node's replica of the store, if it has one. */
  public interface StoreProbe {
    /** Done with the entry's index when it was saved; never done, or failed, if it was not. */
    CompletableFuture<Long> commit();

    /** Done when what this node reads from has that entry. */
    default CompletableFuture<Long> reached(long index) {
      return CompletableFuture.completedFuture(index);
    }
  }

  /**
   * Watches nothing yet.
   *
   * @param self this node's name
   */
  public ReachWatch(
      Cluster cluster, String self, Transport transport, StoreProbe store, Times times) {
    this.cluster = cluster;
    this.self = self;
    this.transport = transport;
    this.store = store;
    this.times = times;
  }

  public void start() {
    storeTookAt = System.nanoTime();
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(
            this::look, times.heartbeat(), times.heartbeat(), TimeUnit.NANOSECONDS);
  }

  /** What it reaches now. */
  public Reach reach() {
    long now = System.nanoTime();
    int members = 1;
    int reached = 1;
    for (Member m : cluster.view().members().values()) {
      if (!m.name().equals(self)) {
        members++;
        Long at = answered.get(m.name());
        reached += at == null || now - at <= times.lease() ? 1 : 0;
      }
    }
    return new Reach(now - storeTookAt <= times.lease(), 2 * reached > members);
  }

  private void look() {
    try {
      long now = System.nanoTime();
      if (!storeAsked && now - storeTookAt > times.lease() / 2) {
        askTheStore(now);
      }
      Collection<Member> members = cluster.view().members().values();
      answered.keySet().retainAll(members.stream().map(Member::name).toList());
      for (Member m : members) {
        if (!m.name().equals(self)) {
          answered.putIfAbsent(m.name(), now);
          ask(m, now);
        }
      }
      tell(reach());
    } catch (RuntimeException e) {
      Async.failed("looking for what this node reaches failed; it goes on", e);
    }
  }

  private void askTheStore(long now) {
    storeAsked = true;
    AtomicLong committed = new AtomicLong(-1);
    CompletableFuture<?> unused =
        store
            .commit()
            .thenCompose(index -> {
              committed.set(index);
              return store.reached(index);
            })
            .orTimeout(times.lease(), TimeUnit.NANOSECONDS)
            .whenComplete((done, failure) -> {
              if (failure == null) {
                storeTookAt = now;
              }
              storeLacks = failure == null ? "" : lacks(committed.get(), failure);
              storeAsked = false;
            });
  }

  private static String lacks(long committed, Throwable failure) {
    Throwable cause = Async.cause(failure);
    return (committed < 0
            ? "an empty commit was not taken"
            : "its replica does not get as far as entry " + committed)
        + (cause instanceof TimeoutException ? " within a lease" : ": " + cause.getMessage());
  }

  private void ask(Member member, long now) {
    CompletableFuture<byte[]> unused =
        transport
            .link(Addresses.parse(member.clusterAddress()))
            .request(FrameKind.FORM_STATUS, new byte[0], now + times.lease())
            .whenComplete((answer, failure) -> {
              if (failure == null) {
                answered.merge(member.name(), now, Math::max);
              }
            });
  }

  private void tell(Reach now) {
    Reach before = last;
    last = now;
    if (!now.equals(before)) {
      LOG.log(
          now.all() ? Level.INFO : Level.WARNING,
          now.all() ? "node {0} reaches the store and its peers" : "node {0} does not reach {1}{2}",
          self,
          now.lacks(),
          now.store() || storeLacks.isEmpty() ? "" : " (" + storeLacks + ")");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
