package dev.limpet.ledger.ratis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.util.AwaitForSignal;

/*
 * Ratis' own forgets a signal that comes while nobody waits. An appender that is told of an entry between its look at the
 * log and its wait then sleeps until the next heartbeat, and with it whoever waits for the entry.
 */
/** A signal that is kept until somebody waits for it. Thread-safe. */
final class StickySignal extends AwaitForSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition raisedNow = lock.newCondition();
  private boolean raised; // guarded by lock

  StickySignal(Object name) {
    super(name);
  }

  @Override
  public void await() throws InterruptedException {
    lock.lock();
    try {
      while (!raised) {
        raisedNow.await();
      }
      raised = false;
    } finally {
      lock.unlock();
    }
  }

  /** Waits at most so long; returns whether the signal came. */
  @Override
  public boolean await(long time, TimeUnit unit) throws InterruptedException {
    lock.lock();
    try {
      long left = unit.toNanos(time);
      while (!raised && left > 0) {
        left = raisedNow.awaitNanos(left);
      }
      boolean came = raised;
      raised = false;
      return came;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void signal() {
    lock.lock();
    try {
      raised = true;
      raisedNow.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
