package dev.limpet.transport;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The transport's own threads, so that its end can be waited for. */
final class Threads {
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();

  /** Starts a platform thread: for what must not wait behind the turns of virtual ones. */
  Thread start(String name, Runnable work) {
    return start(Thread.ofPlatform().daemon().name(name), work);
  }

  Thread startVirtual(String name, Runnable work) {
    return start(Thread.ofVirtual().name(name), work);
  }

  private Thread start(Thread.Builder builder, Runnable work) {
    Thread thread =
        builder.unstarted(() -> {
          try {
            work.run();
          } finally {
            running.remove(Thread.currentThread());
          }
        });
    running.add(thread);
    try {
      thread.start();
    } catch (OutOfMemoryError e) { // no thread to be had
      running.remove(thread);
      throw e;
    }
    return thread;
  }

  /** Waits for all but the calling thread; false when some still run at the end of the time. */
  boolean join(long timeoutNanos) {
    long deadline = System.nanoTime() + timeoutNanos;
    boolean interrupted = false;
    try {
      for (Thread thread : running) {
        if (thread.equals(Thread.currentThread())) {
          continue;
        }
        while (thread.isAlive()) {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            return false;
          }
          try {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
