package dev.limpet.engine.memory;

import dev.limpet.engine.Applied;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Position;
import dev.limpet.engine.Proposer;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.engine.StateMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A replicated log of one replica that keeps no entries: each is applied on the caller's thread, one at a time, and is
 * as durable as the state machine makes it. Always leads, in term 1 or the term that the machine was left in. Thread-safe.
 */
public final class MemoryLog implements ReplicatedLog, Proposer, AutoCloseable {
  private static final int ENTRY_BYTES_MAX = 4 << 20;

  private final StateMachine machine;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Position applied; // written under lock
  private @Nullable Throwable broken; // guarded by lock
  private boolean closed; // guarded by lock

  private MemoryLog(StateMachine machine, Position applied) {
    this.machine = machine;
    this.applied = applied;
  }

  /**
   * Opens the machine and leads it.
   *
   * @param directory the machine's own; a machine that keeps no files never looks at it
   */
  public static MemoryLog open(StateMachine machine, Path directory) throws IOException {
    Position at = machine.open(directory, null);
    MemoryLog log = new MemoryLog(machine, new Position(Math.max(1, at.term()), at.index()));
    machine.leadershipChanged(log.leadership());
    return log;
  }

  @Override
  public CompletableFuture<Applied> append(byte[] entry) {
    if (entry.length > ENTRY_BYTES_MAX) {
      throw new IllegalArgumentException(
          entry.length + " bytes are too many; an entry has at most " + ENTRY_BYTES_MAX);
    }
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(new LogException("the log is closed", false));
      }
      if (broken != null) {
        return CompletableFuture.failedFuture(
            new LogException(
                "the state machine broke earlier; nothing is applied any more", false, broken));
      }
      Position at = new Position(applied.term(), applied.index() + 1);
      byte[] reply = machine.apply(at, entry);
      applied = at;
      return CompletableFuture.completedFuture(new Applied(at.index(), reply));
    } catch (RuntimeException | Error e) {
      broken = e;
      return CompletableFuture.failedFuture(new LogException("the state machine broke", true, e));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletableFuture<Applied> propose(byte[] entry, Duration timeout) {
    return append(entry);
  }

  @Override
  public Leadership leadership() {
    return new Leadership(applied.term(), "local", true);
  }

  @Override
  public long appliedIndex() {
    return applied.index();
  }

  @Override
  public int entryBytesMax() {
    return ENTRY_BYTES_MAX;
  }

  /** Closes the machine too. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        machine.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
