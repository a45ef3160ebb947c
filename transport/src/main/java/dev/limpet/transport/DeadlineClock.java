package dev.limpet.transport;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Ends the requests whose deadline has passed, for all links of a transport: one look at all of them every 10 ms instead
 * of a timer for each. Sleeps while nothing waits.
 */
final class DeadlineClock implements Runnable {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int IDLE_TICKS_MAX = 50;

  private final LongFunction<Boolean> sweep;
  private volatile @Nullable Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  /**
   * @param sweep ends what is over at the given nanoTime; true when anything still waits
   */
  DeadlineClock(LongFunction<Boolean> sweep) {
    this.sweep = sweep;
  }

  /** Something waits now. Cheap while the clock is awake. */
  void wake() {
    if (asleep) {
      asleep = false;
      LockSupport.unpark(thread);
    }
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    int idleTicks = 0;
    while (!closed) {
      LockSupport.parkNanos(this, TICK_NANOS);
      idleTicks = sweep.apply(System.nanoTime()) ? 0 : idleTicks + 1;
      if (idleTicks >= IDLE_TICKS_MAX) {
        asleep = true;
        // Whoever registered before it could see the flag is seen by this sweep.
        if (!sweep.apply(System.nanoTime())) {
          while (asleep && !closed) {
            LockSupport.park(this);
          }
        }
        asleep = false;
        idleTicks = 0;
      }
    }
  }
}
