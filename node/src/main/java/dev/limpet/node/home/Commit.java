package dev.limpet.node.home;

import dev.limpet.DeadlinePassed;
import dev.limpet.Executed;
import dev.limpet.OutcomeUnknown;
import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.engine.Store;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What one turn wants saved, and a place to wait for what becomes of it. */
final class Commit {
  private final List<Store.Change> changes;
  private final int bytes;
  private final boolean ends;
  private final CompletableFuture<Fate> fate = new CompletableFuture<>();

  Commit(List<Store.Change> changes) {
    this(changes, false);
  }

  private Commit(List<Store.Change> changes, boolean ends) {
    this.ends = ends;
    this.changes = changes;
    this.bytes = new Store.Part(0, 1, 1, 1, changes).bytes();
  }

  /** The last of a pin: it ends with it. */
  static Commit end() {
    return new Commit(List.of(), true);
  }

  /** Whether it is the last of a pin. */
  boolean ends() {
    return ends;
  }

  List<Store.Change> changes() {
    return changes;
  }

  int bytes() {
    return bytes;
  }

  void settle(Fate value) {
    fate.complete(value);
  }

  boolean isSaved() {
    return fate.isDone() && fate.join() == Fate.SAVED;
  }

  /** Waits for the fate, which comes: a commit is sent until it is answered, or its shard is lost. */
  Fate awaitFate() throws InterruptedException {
    try {
      return fate.get();
    } catch (ExecutionException e) {
      throw new AssertionError("a fate is never an exception", e);
    }
  }

  /** Waits for the fate; null if the time, as of {@code System.nanoTime}, is over first. */
  private @Nullable Fate await(long untilNanos) throws InterruptedException {
    try {
      return fate.isDone()
          ? fate.join()
          : fate.get(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      throw new AssertionError("a fate is never an exception", e);
    }
  }

  /** Returns once it is saved; throws what is true otherwise. */
  void awaitSaved(long deadlineNanos) {
    if (isSaved()) {
      return;
    }
    @Nullable Fate settled;
    try {
      settled = await(deadlineNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknown(
          "the calling thread was interrupted while the turn's changes were being saved");
    }
    if (settled == null) {
      throw new DeadlinePassed(
          Executed.UNKNOWN, "the deadline passed while the turn's changes were being saved");
    }
    switch (settled) {
      case SAVED -> {}
      case NOT_SAVED ->
          throw new OutcomeUnknown(
              "the home lost the shard before the turn's changes were saved; they are not");
      case UNKNOWN ->
          throw new OutcomeUnknown(
              "the home lost the shard while the turn's changes were being saved");
    }
  }
}
