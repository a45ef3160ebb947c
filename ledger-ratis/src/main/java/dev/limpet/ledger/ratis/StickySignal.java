package dev.limpet.ledger.ratis;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.util.AwaitForSignal;

/*
 * Ratis' own forgets a signal that comes while nobody waits. An appender that is told of an entry between its look at the
 * log and its wait then sleeps until the next heartbeat, and with it whoever waits for the entry.
 */
/** A signal that is kept until somebody waits for it; several that nobody awaited count as one. Thread-safe. */
final class StickySignal extends AwaitForSignal {
  private final Semaphore raised = new Semaphore(0);

  StickySignal(Object name) {
    super(name);
  }

  @Override
  public void await() throws InterruptedException {
    raised.acquire();
    raised.drainPermits();
  }

  /** Waits at most so long; returns whether the signal came. */
  @Override
  public boolean await(long time, TimeUnit unit) throws InterruptedException {
    boolean came = raised.tryAcquire(time, unit);
    raised.drainPermits(); // who waited looks for all work now
    return came;
  }

  @Override
  public void signal() {
    raised.release();
  }
}
