package dev.limpet.testkit;

import dev.limpet.Ref;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** A cluster for the tests of a class, mended before each, and a key for each. */
abstract class OnThreeNodes {
  static final Semaphore adds = new Semaphore(0);

  /** Each add waits for it, in its turn. */
  static volatile CountDownLatch goOn = new CountDownLatch(0);

  static TestCluster cluster;

  String key;

  static void start(Duration lease) {
    cluster =
        TestCluster.of(3)
            .lease(lease)
            .host(Tally.class, self -> new Tally.Saved(self, OnThreeNodes::inEachAdd))
            .start();
  }

  private static void inEachAdd() {
    adds.release();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void mend(TestInfo test) {
    cluster.mend();
    adds.drainPermits();
    key = test.getDisplayName();
  }

  String home() {
    return cluster.home(Tally.class, key);
  }

  Tally tally() {
    return cluster.get(Tally.class, key);
  }

  /** Through a node that is not its home. */
  Ref<Tally> far() {
    return cluster.node(cluster.farFrom(Tally.class, key)).ref(Tally.class, key);
  }

  /** What comes of a call that begins now, and is in its turn when this returns. */
  static CompletableFuture<Long> inItsTurn(Ref<Tally> ref) throws InterruptedException {
    CompletableFuture<Long> answer = ref.async(t -> t.add(5));
    adds.acquire();
    return answer;
  }
}
