package dev.limpet.node;

import dev.limpet.node.home.LocalShards;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Passivates idle processes and looks for stuck turns, every so often. */
final class Sweeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());
  private static final long PERIOD_MILLIS = 1_000;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-sweeper").factory());

  Sweeper(LocalShards shards) {
    every(
        "passivation",
        () -> {
          int ended = shards.passivate();
          LOG.log(Level.TRACE, "{0} idle processes passivated", ended);
        });
    every("supervision", () -> shards.supervise(System.nanoTime()));
  }

  private void every(String what, Runnable work) {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                LOG.log(Level.ERROR, what + " failed; it goes on with the next sweep", e);
              }
            },
            PERIOD_MILLIS,
            PERIOD_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
