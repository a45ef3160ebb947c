package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A call on a thread of its own, of which a test can tell that it waits. */
final class Caller<T> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final Thread thread;

  private Caller(Callable<T> work) {
    thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                answer.complete(work.call());
              } catch (Exception e) {
                answer.completeExceptionally(e);
              }
            });
  }

  static <T> Caller<T> start(Callable<T> work) {
    return new Caller<>(work);
  }

  /** Waits until the thread waits for something; a call that was answered instead fails the test. */
  Caller<T> awaitParked() {
    until(() ->
        thread.getState() == Thread.State.TIMED_WAITING
            || thread.getState() == Thread.State.WAITING
            || thread.getState() == Thread.State.TERMINATED);
    assertThat(answer).as("a call that must wait").isNotDone();
    return this;
  }

  /** Has it give up, and waits until it is over. */
  void interrupt() {
    thread.interrupt();
    awaitDone();
  }

  /** Waits until the call is over, however it ended. */
  void awaitDone() {
    until(answer::isDone);
  }

  T get() throws Exception {
    try {
      return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception x) {
        throw x;
      }
      throw e;
    }
  }

  /** Waits for something that other threads bring about, and fails the test if it does not come. */
  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("what was waited for came about").isNegative();
      LockSupport.parkNanos(200_000);
    }
  }
}
