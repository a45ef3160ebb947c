package dev.limpet.node.home;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One turn at a time: fair, bounded, and with a deadline. Calls that may not wait are refused at once. */
/*
 * The state counts the holder and those who wait, so taking and leaving a lock that nobody else wants is one
 * compare-and-set each. Whoever finds it held joins a queue under the monitor, and a holder who is waited for hands the
 * lock itself over to the first of them and wakes that thread alone. So the lock is never free while somebody waits, a
 * newcomer cannot overtake, and nobody wakes in vain.
 *
 * The count goes from one holder to free, and back, without the monitor; every other change is made under it.
 *
 * It is extended rather than held: a call on one of many processes waits for memory more than for anything else, and so
 * the lock shares its process's line of cache.
 */
class TurnLock {
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(TurnLock.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How many hold it or wait for it. */
  private volatile int state;

  /**
   * The thread that runs a turn; null while none does. Written by the lock's holder, read by anyone. It stands beside the
   * state, since both are written in every turn.
   */
  @Nullable TurnThread runner;

  /** Who waits: in a ring, of which this is the last, and the next after it the first. Guarded by this. */
  private @Nullable Waiter last;

  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    Waiter next = this;
    volatile boolean holds;
  }

  /** Takes the lock if nobody has it. */
  final boolean tryAcquire() {
    return STATE.compareAndSet(this, 0, 1);
  }

  /**
   * Takes the lock, in the order of arrival.
   *
   * @throws CallRefused if that many wait already
   * @throws DeadlinePassed if it did not become free in time, or the thread was interrupted
   */
  final void acquire(long deadlineNanos, int waitingMax) {
    if (tryAcquire()) {
      return;
    }
    Waiter me = new Waiter();
    if (!join(me, waitingMax)) {
      throw new CallRefused(
          ErrorCode.OVERLOADED,
          waitingMax
              + " calls wait for their turn at this process already; try again later, or spread the load");
    }
    try {
      if (!await(me, deadlineNanos)) {
        throw new DeadlinePassed(
            Executed.NO, "the call waited for its turn until its deadline; it did not begin");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlinePassed(
          Executed.NO, "the calling thread was interrupted while it waited for its turn");
    }
  }

  /** Takes the lock if it is its turn within that time; for the node's own work on a process. */
  final boolean acquireWithin(long nanos) throws InterruptedException {
    if (tryAcquire()) {
      return true;
    }
    Waiter me = new Waiter();
    return join(me, Integer.MAX_VALUE) && await(me, System.nanoTime() + nanos);
  }

  /** Takes the lock for the waiter, or queues it; false if too many wait. */
  private synchronized boolean join(Waiter me, int waitingMax) {
    while (true) {
      int seen = state;
      if (seen == 0) {
        if (tryAcquire()) {
          me.holds = true;
          return true;
        }
      } else if (seen - 1 >= waitingMax) {
        return false;
      } else if (STATE.compareAndSet(this, seen, seen + 1)) {
        if (last != null) {
          me.next = last.next;
          last.next = me;
        }
        last = me;
        return true;
      }
    }
  }

  private boolean await(Waiter me, long untilNanos) throws InterruptedException {
    while (!me.holds) {
      long left = untilNanos - System.nanoTime();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        if (!leave(me)) {
          return true; // it was handed over at the last moment
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        return false;
      }
      LockSupport.parkNanos(this, left);
    }
    return true;
  }

  /** Takes the waiter out of the queue; false if it has the lock. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // see there
  private synchronized boolean leave(Waiter me) {
    if (me.holds) {
      return false;
    }
    Waiter before = me;
    while (before.next != me) {
      before = before.next;
    }
    takeOut(me, before);
    // Somebody holds it, and I waited: nobody else changes a count of two or more.
    state = state - 1;
    return true;
  }

  private void takeOut(Waiter one, Waiter before) {
    before.next = one.next;
    if (last == one) {
      last = before == one ? null : before;
    }
  }

  /** Gives the lock to who has waited longest, or leaves it free. */
  final void release() {
    if (!STATE.compareAndSet(this, 1, 0)) {
      handOver();
    }
  }

  @SuppressWarnings("NonAtomicOperationOnVolatileField") // a count of two or more: under this only
  private void handOver() {
    Thread next;
    synchronized (this) {
      Waiter before = last;
      if (before == null) {
        // The only one who waited has given up between the holder's look and now.
        state = 0;
        return;
      }
      Waiter heir = before.next;
      takeOut(heir, before);
      state = state - 1;
      next = heir.thread;
      heir.holds = true;
    }
    LockSupport.unpark(next);
  }

  /** How many wait. */
  final int waiting() {
    return Math.max(0, state - 1);
  }
}
