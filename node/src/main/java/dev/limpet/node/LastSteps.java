package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.node.cluster.Disk;
import dev.limpet.node.cluster.DiskWatch;
import dev.limpet.spi.NodeSettings;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** How a node ends by itself: at once, or after it has given its shards to others. Thread-safe. */
/*
 * Who cannot keep its promises stops at once: the others hear of it soon, and nothing wrong leaves the process. A disk
 * that takes no more is another matter while all else works still: the shards go to others in good order, and nobody
 * notices. If something that cannot wait happens meanwhile, such as a log that fails to save an entry, it ends at once.
 */
final class LastSteps implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LastSteps.class.getName());

  /** How long a node that halts asks whether its disk is the reason. */
  private static final long REFUSAL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Leaving, however long it takes, is never cut off; what is closed after it has a few seconds. */
  static final Duration BOUND = Leaving.TIME_MAX.plusSeconds(11);

  private final NodeSettings settings;
  private final Seams.Ending ending;
  private final AtomicBoolean closed;
  private final Runnable takeApart;
  private final Disk disk;
  private final DiskWatch watch;
  private final Duration bound;

  /** Set once there may be something to give away. */
  private volatile @Nullable AutoCloseable leaving;

  /**
   * Watches the disk from now on.
   *
   * @param closed true once the node is being closed, which is no reason to end
   * @param takeApart closes all of the node's parts
   * @param bound after how long the node ends, whatever its last steps wait for
   * @throws StartFailed if the disk takes nothing already
   */
  LastSteps(
      NodeSettings settings,
      Seams.Ending ending,
      Disk disk,
      AtomicBoolean closed,
      Runnable takeApart,
      Duration bound) {
    this.settings = settings;
    this.ending = ending;
    this.disk = disk;
    this.closed = closed;
    this.takeApart = takeApart;
    this.bound = bound;
    try {
      disk.write();
    } catch (IOException e) {
      throw new StartFailed(ErrorCode.DISK_UNWRITABLE, refusing(e));
    }
    watch = new DiskWatch(settings.id(), disk, this::stepBack);
    watch.start();
  }

  /** From now on this is how the node gives away what it has. */
  void leaveBy(AutoCloseable way) {
    leaving = way;
  }

  private String refusing(IOException why) {
    return "the disk of "
        + settings.data().toAbsolutePath()
        + " cannot be written: "
        + why.getMessage()
        + "; make room there, or make it writable, and start this node again";
  }

  private void stepBack(IOException why) {
    LOG.log(
        Level.ERROR,
        "node {0} gives its shards to others and stops: {1}",
        settings.id(),
        refusing(why));
    Thread.ofPlatform()
        .daemon()
        .name("limpet-steps-back")
        .start(() -> {
          AtomicBoolean mine = new AtomicBoolean();
          finishWithin(
              bound,
              () -> {
                AutoCloseable way = leaving;
                giveAway(way);
                if (closed.compareAndSet(false, true)) {
                  mine.set(true);
                  if (way != null && disk.makeRoom()) {
                    takeApart.run();
                  }
                }
              });
          if (mine.get() || closed.compareAndSet(false, true)) {
            ending.now(ErrorCode.DISK_UNWRITABLE, refusing(why), why);
          }
        });
  }

  /** A step that waits for the disk, or for what waits for it, must not keep a node that serves nobody. */
  private static void finishWithin(Duration bound, Runnable steps) {
    Thread doing = Thread.ofPlatform().daemon().name("limpet-last-steps").start(steps);
    try {
      if (!doing.join(bound)) {
        Throwable where = new Throwable("where it stands");
        where.setStackTrace(doing.getStackTrace());
        LOG.log(
            Level.WARNING,
            "the last steps of this node are not done after " + bound.toSeconds() + " s",
            where);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void giveAway(@Nullable AutoCloseable way) {
    try {
      if (way != null) {
        way.close();
      }
    } catch (Exception e) {
      LOG.log(Level.WARNING, "the shards could not be given away", e);
    }
  }

  /**
   * Ends the node, since a log of it cannot go on; within a moment, in which the disk is asked whether it is the reason.
   * Nobody may take over yet: while the node holds its port and its lease, it is what it was.
   */
  void haltForLog(Throwable cause) {
    if (closed.get()) {
      return;
    }
    String what = "a log of node " + settings.id() + " cannot go on";
    IOException refusal = watch.refusalWithin(REFUSAL_NANOS);
    if (refusal == null) {
      ending.now(ErrorCode.NODE_HALTED, what, cause);
    } else {
      ending.now(ErrorCode.DISK_UNWRITABLE, what + ": " + refusing(refusal), cause);
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
