package dev.limpet.node;

import dev.limpet.node.home.LocalShards;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Passivates idle processes and looks for stuck turns, every so often: every second, or more seldom if there are so many
 * processes that a look at all of them takes long.
 */
final class Sweeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How much longer the time between two looks is than a look itself: each of them takes a fiftieth of a processor. */
  private static final int REST = 50;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-sweeper").factory());

  Sweeper(LocalShards shards) {
    every(
        "passivation",
        PERIOD_NANOS,
        () -> {
          int ended = shards.passivate();
          LOG.log(Level.TRACE, "{0} idle processes passivated", ended);
        });
    every("supervision", PERIOD_NANOS, () -> shards.supervise(System.nanoTime()));
  }

  private void every(String what, long afterNanos, Runnable work) {
    ScheduledFuture<?> unused =
        thread.schedule(
            () -> {
              long began = System.nanoTime();
              try {
                work.run();
              } catch (RuntimeException e) {
                LOG.log(Level.ERROR, what + " failed; it goes on with the next sweep", e);
              }
              long took = System.nanoTime() - began;
              if (!thread.isShutdown()) {
                every(what, Math.max(PERIOD_NANOS, REST * took), work);
              }
            },
            afterNanos,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
