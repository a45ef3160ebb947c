package dev.limpet.node.cluster;

import dev.limpet.core.supervise.DiskTrouble;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes to a node's disk every second, and tells when it takes no more. Thread-safe. */
/*
 * The logs would find out by themselves, but late (they set space aside), in the middle of an entry, and not always: a
 * vote that cannot be saved is only never given. Who is asked every second knows while everything still works, so that
 * the node can give its shards away rather than have them taken from it.
 */
public final class DiskWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DiskWatch.class.getName());
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final String node;
  private final Disk disk;
  private final Consumer<IOException> lost;
  private final DiskTrouble trouble = new DiskTrouble(PATIENCE_NANOS); // the one thread's
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-disk").factory());

  /**
   * Watches nothing yet.
   *
   * @param lost told once, with the reason of the last refusal, when the disk is given up; must return at once
   */
  public DiskWatch(String node, Disk disk, Consumer<IOException> lost) {
    this.node = node;
    this.disk = disk;
    this.lost = lost;
  }

  public void start() {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::look, PERIOD_NANOS, PERIOD_NANOS, TimeUnit.NANOSECONDS);
  }

  private void look() {
    @Nullable IOException refusal = refusal();
    switch (refusal == null ? trouble.wrote() : trouble.refused(System.nanoTime())) {
      case GO_ON -> {}
      case WARN ->
          LOG.log(
              Level.WARNING,
              "the disk of node {0} refuses writes: {1}",
              node,
              refusal == null ? "" : refusal.getMessage());
      case RELIEF -> LOG.log(Level.INFO, "the disk of node {0} takes writes again", node);
      case GIVE_UP -> lost.accept(refusal == null ? new IOException("unknown") : refusal);
    }
  }

  private @Nullable IOException refusal() {
    try {
      disk.write();
      return null;
    } catch (IOException e) {
      return e;
    } catch (RuntimeException e) {
      return new IOException("it cannot be told whether it takes writes", e);
    }
  }

  /** Whether the disk refuses a write now; not so if it does not answer in time. */
  public @Nullable IOException refusalWithin(long nanos) {
    try {
      return thread.submit(this::refusal).get(nanos, TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
