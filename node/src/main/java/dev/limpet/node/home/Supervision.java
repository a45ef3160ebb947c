package dev.limpet.node.home;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.supervise.Failing;
import dev.limpet.core.supervise.LogLimit;
import dev.limpet.core.supervise.Patience;
import dev.limpet.node.door.Door;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node remembers of processes that fail; see {@link Failing} for what follows from it. Of at most {@value
 * #FAILING_MAX} processes, the one that failed longest ago is forgotten first. Thread-safe; nothing is awaited in here.
 *
 * <p>Times are as of {@link Services#pauseNanos}.
 */
public final class Supervision {
  private static final int FAILING_MAX = 10_000;
  private static final int FAULTS_MAX = 1_000;
  private static final long STACK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** For how long something is remembered of a process that nobody calls any more. */
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** By process, the one that failed longest ago first. Guarded by itself. */
  private final LinkedHashMap<ProcessId, Entry> byProcess = new LinkedHashMap<>();

  /** Guarded by itself. */
  private final LogLimit logLimit = new LogLimit(STACK_EVERY_NANOS, FAULTS_MAX);

  /** So that a node on which nothing fails need not look. */
  private volatile boolean none = true;

  private final LongAdder activationsFailed = new LongAdder();
  private final LongAdder incidents = new LongAdder();
  private final LongAdder restarts = new LongAdder();

  private record Entry(int shard, Failing failing) {}

  /** Whether nothing is known against any process. */
  boolean isQuiet() {
    return none;
  }

  // Activations; all under the turn lock of their process.

  /** Refuses a call that comes before the pause after a failed activation is over. */
  void checkMayActivate(ProcessId id, long now) {
    if (none) {
      return;
    }
    synchronized (byProcess) {
      Entry entry = byProcess.get(id);
      if (entry != null && !entry.failing.mayActivate(now)) {
        throw new Unavailable(ErrorCode.HELD_BACK, Executed.NO, whyHeld(id, entry.failing, now));
      }
    }
  }

  private static String whyHeld(ProcessId id, Failing f, long now) {
    return String.format(
        Locale.ROOT,
        "%s is held back: it could not be activated (%d in a row, since %.1f s); the next attempt is"
            + " due in %.1f s, with the first call after that. Its saved state is untouched. The last"
            + " cause: %s",
        id,
        f.inARow(),
        (now - f.sinceNanos()) / 1e9,
        f.heldNanos(now) / 1e9,
        f.cause());
  }

  void activationFailed(int shard, ProcessId id, long turn, long now, Throwable e) {
    activationsFailed.increment();
    synchronized (byProcess) {
      Failing failing = failed(shard, id);
      if (Failures.isOfOthers(e)) {
        failing.activationHindered(turn, now, Failures.brief(e));
      } else {
        failing.activationFailed(turn, now, Failures.brief(e));
      }
    }
  }

  /** The process is in memory; true if there are failing turns to remember from before. */
  boolean activated(ProcessId id, long turn) {
    if (none) {
      return false;
    }
    synchronized (byProcess) {
      Entry entry = byProcess.get(id);
      if (entry == null) {
        return false;
      }
      entry.failing.activated(turn);
      if (entry.failing.isOver()) {
        forget(id);
        return false;
      }
      return true;
    }
  }

  // Turns; likewise.

  void turnFailed(int shard, ProcessId id, long turn, long now, Throwable e) {
    synchronized (byProcess) {
      failed(shard, id).turnFailed(turn, now, Failures.brief(e));
    }
  }

  /** A turn of a process that failed lately is over; true if that one ended well, and so all is forgotten. */
  boolean endedWell(ProcessId id, long turn) {
    synchronized (byProcess) {
      Entry entry = byProcess.get(id);
      boolean well = entry == null || entry.failing.endedWell(turn);
      if (well) {
        forget(id);
      }
      return well;
    }
  }

  /** Whether the process is to be made anew; whoever is told so does it. */
  boolean restarts(ProcessId id, long now) {
    synchronized (byProcess) {
      Entry entry = byProcess.get(id);
      if (entry == null || !entry.failing.restartDue(now)) {
        return false;
      }
      entry.failing.restarted(now);
    }
    restarts.increment();
    return true;
  }

  private Failing failed(int shard, ProcessId id) {
    Entry known = byProcess.remove(id);
    Entry entry =
        known != null && known.shard == shard
            ? known
            : new Entry(shard, new Failing(Patience.DEFAULT));
    byProcess.put(id, entry);
    if (byProcess.size() > FAILING_MAX) {
      Iterator<Entry> oldest = byProcess.values().iterator();
      oldest.next();
      oldest.remove();
    }
    none = false;
    return entry.failing;
  }

  private void forget(ProcessId id) {
    byProcess.remove(id);
    none = byProcess.isEmpty();
  }

  /** Forgets what failed long ago, or lives elsewhere by now. */
  void forgetOld(long now, IntPredicate shardIsHere) {
    synchronized (byProcess) {
      byProcess
          .values()
          .removeIf(e -> now - e.failing.lastNanos() >= KEPT_NANOS || !shardIsHere.test(e.shard));
      none = byProcess.isEmpty();
    }
  }

  // Incidents.

  /** What to do about something that a process threw and should not have. */
  LogLimit.Verdict incident(String fault, long now) {
    incidents.increment();
    synchronized (logLimit) {
      return logLimit.occurred(fault, now, () -> UUID.randomUUID().toString());
    }
  }

  // Reports.

  /** How that process fails; null if nothing is known against it. */
  Door.@Nullable Failures failures(ProcessId id, long now) {
    if (none) {
      return null;
    }
    synchronized (byProcess) {
      Entry entry = byProcess.get(id);
      return entry == null ? null : report(entry.failing, now);
    }
  }

  private static Door.Failures report(Failing f, long now) {
    return new Door.Failures(
        f.isFailing(),
        f.inARow(),
        f.restarts(),
        TimeUnit.NANOSECONDS.toMillis(now - f.sinceNanos()),
        f.isHeld() ? (Long) TimeUnit.NANOSECONDS.toMillis(f.heldNanos(now)) : null,
        f.cause());
  }

  /** The processes that fail, by their shard. */
  List<Map.Entry<ProcessId, Integer>> failing() {
    List<Map.Entry<ProcessId, Integer>> all = new ArrayList<>();
    synchronized (byProcess) {
      byProcess.forEach((id, e) -> {
        if (e.failing.isFailing()) {
          all.add(Map.entry(id, e.shard));
        }
      });
    }
    return all;
  }

  /** How many processes fail. */
  public int failingCount() {
    return none ? 0 : failing().size();
  }

  /** How many activations have failed since the node started. */
  public long activationsFailed() {
    return activationsFailed.sum();
  }

  /** How often a process threw what it should not have, since the node started. */
  public long incidents() {
    return incidents.sum();
  }

  /** How many processes were made anew because they failed, since the node started. */
  public long restarts() {
    return restarts.sum();
  }
}
