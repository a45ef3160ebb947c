package dev.limpet.node.home;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** One turn at a time: fair, bounded, and with a deadline. Calls that may not wait are refused at once. */
final class TurnLock {
  private static final VarHandle WAITING;

  static {
    try {
      WAITING = MethodHandles.lookup().findVarHandle(TurnLock.class, "waiting", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ReentrantLock lock = new ReentrantLock(true);

  @SuppressWarnings("unused") // through WAITING
  private volatile int waiting;

  /** Takes the lock, in the order of arrival. */
  void acquire(long deadlineNanos, int waitingMax) {
    if (!lock.isLocked() && !lock.hasQueuedThreads() && lock.tryLock()) {
      return;
    }
    int ahead = (int) WAITING.getAndAdd(this, 1);
    try {
      if (ahead >= waitingMax) {
        throw new CallRefused(
            ErrorCode.OVERLOADED,
            waitingMax
                + " calls wait for their turn at this process already; try again later, or spread the load");
      }
      if (!lock.tryLock(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new DeadlinePassed(
            Executed.NO, "the call waited for its turn until its deadline; it did not begin");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlinePassed(
          Executed.NO, "the calling thread was interrupted while it waited for its turn");
    } finally {
      WAITING.getAndAdd(this, -1);
    }
  }

  /** Takes the lock if it is free within that time; for the node's own work on a process. */
  boolean acquireWithin(long nanos) throws InterruptedException {
    return lock.tryLock(nanos, TimeUnit.NANOSECONDS);
  }

  boolean tryAcquire() {
    return lock.tryLock();
  }

  void release() {
    lock.unlock();
  }

  boolean heldByCaller() {
    return lock.isHeldByCurrentThread();
  }

  int waiting() {
    return waiting;
  }
}
