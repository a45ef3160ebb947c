package dev.limpet.node.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The lock alone: one at a time, in order of arrival, and nobody forgotten, whoever gives up meanwhile. */
@Timeout(90)
class TurnLockTest {
  private static final int MANY = 1_000;

  private final TurnLock lock = new TurnLock();

  private static long in(long millis) {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  /** A thread that takes the lock, notes its number and lets go. */
  private CompletableFuture<Void> taker(int number, List<Integer> order) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    int before = lock.waiting();
    Thread unused =
        Thread.startVirtualThread(() -> {
          try {
            lock.acquire(in(60_000), MANY);
            order.add(number);
            lock.release();
            done.complete(null);
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    while (lock.waiting() == before) {
      Thread.onSpinWait();
    }
    return done;
  }

  @Test
  void free_isTakenAtOnceAndOnlyOnce() {
    assertThat(lock.tryAcquire()).isTrue();
    assertThat(lock.tryAcquire()).isFalse();
    lock.release();
    assertThat(lock.tryAcquire()).isTrue();
  }

  @Test
  void waiters_getItInOrderOfArrivalAndNobodyOvertakes() throws Exception {
    lock.acquire(in(1_000), MANY);
    List<Integer> order = new ArrayList<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(taker(i, order));
    }
    assertThat(lock.waiting()).isEqualTo(10);
    lock.release();
    for (CompletableFuture<Void> each : all) {
      get(each);
    }
    assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(lock.tryAcquire()).as("free in the end").isTrue();
  }

  @Test
  void waiter_whoseTimeIsUp_leavesTheOthersInOrder() throws Exception {
    lock.acquire(in(1_000), MANY);
    List<Integer> order = new ArrayList<>();
    CompletableFuture<Void> first = taker(1, order);
    assertThat(lock.acquireWithin(1_000_000)).isFalse();
    CompletableFuture<Void> second = taker(2, order);
    assertThatThrownBy(() -> lock.acquire(in(1), MANY)).isInstanceOf(DeadlinePassed.class);
    assertThat(lock.waiting()).isEqualTo(2);
    lock.release();
    get(first);
    get(second);
    assertThat(order).containsExactly(1, 2);
  }

  @Test
  void waiterBeyondTheBound_isRefusedAtOnce() throws Exception {
    lock.acquire(in(1_000), MANY);
    CompletableFuture<Void> waits = taker(1, new ArrayList<>());
    assertThatThrownBy(() -> lock.acquire(in(60_000), 1)).isInstanceOf(CallRefused.class);
    lock.release();
    get(waits);
  }

  @Test
  void interruptedWaiter_leavesAndStaysInterrupted() throws Exception {
    lock.acquire(in(1_000), MANY);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiter =
        Thread.startVirtualThread(() -> {
          Throwable e = catchThrowable(() -> lock.acquire(in(60_000), MANY));
          interrupted.complete(
              e instanceof DeadlinePassed && Thread.currentThread().isInterrupted());
        });
    while (lock.waiting() == 0) {
      Thread.onSpinWait();
    }
    waiter.interrupt();
    assertThat(get(interrupted)).isTrue();
    assertThat(lock.waiting()).isZero();
    lock.release();
    assertThat(lock.tryAcquire()).isTrue();
  }

  @Test
  void manyThreads_someOfWhomGiveUp_areOneAtATimeAndNobodyIsForgotten() throws Exception {
    long seed = System.nanoTime();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", String.valueOf(seed));
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    int[] plain = new int[1]; // guarded by the lock alone
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(seed + t);
      CompletableFuture<Void> done = new CompletableFuture<>();
      all.add(done);
      Thread unused =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  for (int i = 0; i < 20_000; i++) {
                    if (lock.acquireWithin(random.nextInt(4) == 0 ? 0 : random.nextInt(30_000))) {
                      if (inside.incrementAndGet() != 1) {
                        throw new IllegalStateException("two inside");
                      }
                      plain[0]++;
                      taken.incrementAndGet();
                      inside.decrementAndGet();
                      lock.release();
                    }
                  }
                  done.complete(null);
                } catch (InterruptedException | RuntimeException e) {
                  done.completeExceptionally(e);
                }
              });
    }
    for (CompletableFuture<Void> each : all) {
      get(each);
    }
    assertThat(plain[0]).isEqualTo(taken.get()).isPositive();
    assertThat(lock.waiting()).isZero();
    assertThat(lock.tryAcquire()).as("free in the end").isTrue();
  }
}
