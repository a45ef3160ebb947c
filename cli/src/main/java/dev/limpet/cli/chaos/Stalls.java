package dev.limpet.cli.chaos;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How long this machine stood still as a whole. Every node loses its lease by that, which is no fault of theirs: so it
 * counts neither for a deadline nor for an interruption.
 */
final class Stalls implements AutoCloseable {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  private final AtomicLong stalledNanos = new AtomicLong();
  private final Thread thread = Thread.ofPlatform().daemon().name("stalls").unstarted(this::watch);

  static Stalls watching() {
    Stalls stalls = new Stalls();
    stalls.thread.start();
    return stalls;
  }

  private void watch() {
    long before = System.nanoTime();
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, TICK_NANOS);
      long now = System.nanoTime();
      if (now - before > STALL_NANOS) {
        stalledNanos.addAndGet(now - before);
      }
      before = now;
    }
  }

  /** In all, since it began to watch. */
  long nanos() {
    return stalledNanos.get();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
