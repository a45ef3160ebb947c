package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Store;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.engine.memory.MemoryStore.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What a test does to the calls to a store: hold them, lose them, lose their answers. Thread-safe. */
final class StoreScript implements MemoryStore.Hook {
  private final List<Operation> seen = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();

  /** Operations of one kind that wait, before they take effect, until it is opened. */
  static final class Hold {
    private final Class<? extends Operation> kind;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CountDownLatch reached = new CountDownLatch(1);

    private Hold(Class<? extends Operation> kind) {
      this.kind = kind;
    }

    void awaitReached() throws InterruptedException {
      assertThat(reached.await(30, TimeUnit.SECONDS)).as("an operation was held").isTrue();
    }

    void open() {
      opened.complete(null);
    }
  }

  private record Loss(Class<? extends Operation> kind, boolean after, AtomicInteger left) {
    boolean takes(Operation operation, boolean isAfter) {
      return isAfter == after && kind.isInstance(operation) && left.getAndDecrement() > 0;
    }
  }

  /** Holds back what comes from here on. */
  synchronized Hold hold(Class<? extends Operation> kind) {
    Hold hold = new Hold(kind);
    holds.add(hold);
    return hold;
  }

  /** The next so many take effect, and their answers are lost. */
  synchronized void loseAnswers(Class<? extends Operation> kind, int count) {
    losses.add(new Loss(kind, true, new AtomicInteger(count)));
  }

  /** The next so many never arrive. */
  synchronized void lose(Class<? extends Operation> kind, int count) {
    losses.add(new Loss(kind, false, new AtomicInteger(count)));
  }

  /** Everything of that kind that was sent so far. */
  synchronized <T extends Operation> List<T> seen(Class<T> kind) {
    return seen.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The parts of all commits that were sent so far. */
  List<Store.Part> parts() {
    return seen(Operation.Committing.class).stream().flatMap(c -> c.parts().stream()).toList();
  }

  @Override
  public synchronized CompletionStage<?> before(Operation operation) {
    seen.add(operation);
    for (Loss loss : losses) {
      if (loss.takes(operation, false)) {
        return CompletableFuture.failedFuture(new IOException("lost on the way"));
      }
    }
    for (Hold hold : holds) {
      if (hold.kind.isInstance(operation) && !hold.opened.isDone()) {
        hold.reached.countDown();
        return hold.opened;
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<?> after(Operation operation) {
    for (Loss loss : losses) {
      if (loss.takes(operation, true)) {
        return CompletableFuture.failedFuture(new IOException("the answer was lost"));
      }
    }
    return CompletableFuture.completedFuture(null);
  }
}
