package dev.limpet.store.embedded;

import dev.limpet.engine.LogException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** How far a replica is, and those who wait for it to get further. Thread-safe. */
final class AppliedIndex {
  /** So many may wait at a time; each is a process that wants to be loaded. */
  static final int WAITING_MAX = 10_000;

  private record Waiter(long atLeast, CompletableFuture<Long> reached) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Waiter> waiting = // guarded by lock
      new PriorityQueue<>(Comparator.comparingLong(Waiter::atLeast));
  private volatile long index; // written under lock
  private boolean closed; // guarded by lock

  long index() {
    return index;
  }

  /**
   * Completes with the applied index when it is at least that, on the thread that applies; fails with
   * {@link LogException} when it is not in time.
   */
  CompletableFuture<Long> reached(long atLeast, Duration timeout) {
    if (index >= atLeast) {
      return CompletableFuture.completedFuture(index);
    }
    Waiter waiter = new Waiter(atLeast, new CompletableFuture<>());
    lock.lock();
    try {
      if (index >= atLeast) {
        return CompletableFuture.completedFuture(index);
      }
      if (closed) {
        return CompletableFuture.failedFuture(
            new LogException("the store's replica on this node is closed", false));
      }
      if (waiting.size() >= WAITING_MAX) {
        return CompletableFuture.failedFuture(
            new LogException(
                WAITING_MAX + " loads wait for this replica already; try again later", false));
      }
      waiting.add(waiter);
    } finally {
      lock.unlock();
    }
    return withAlarm(waiter, timeout);
  }

  /** The future to hand out: the waiter's, with an alarm that is called off once it is done. */
  private CompletableFuture<Long> withAlarm(Waiter waiter, Duration timeout) {
    CompletableFuture<Long> alarm =
        waiter.reached.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    return alarm.exceptionallyCompose(failure -> {
      if (failure instanceof TimeoutException) {
        giveUp(waiter, timeout);
      }
      return waiter.reached;
    });
  }

  void advance(long to) {
    List<Waiter> due = List.of();
    lock.lock();
    try {
      index = Math.max(index, to);
      while (!waiting.isEmpty() && waiting.peek().atLeast <= index) {
        due = due.isEmpty() ? new ArrayList<>() : due;
        due.add(waiting.remove());
      }
    } finally {
      lock.unlock();
    }
    due.forEach(w -> w.reached.complete(index));
  }

  void close() {
    List<Waiter> left;
    lock.lock();
    try {
      closed = true;
      left = List.copyOf(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(w ->
        w.reached.completeExceptionally(
            new LogException("the store's replica on this node was closed", false)));
  }

  private void giveUp(Waiter waiter, Duration timeout) {
    lock.lock();
    try {
      waiting.remove(waiter);
    } finally {
      lock.unlock();
    }
    waiter.reached.completeExceptionally(
        new LogException(
            "the store's replica on this node has applied the entries up to "
                + index
                + ", but "
                + waiter.atLeast
                + " is needed and did not come within "
                + timeout.toMillis()
                + " ms; it is cut off or far behind",
            false));
  }
}
