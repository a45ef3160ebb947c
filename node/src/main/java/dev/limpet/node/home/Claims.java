package dev.limpet.node.home;

import dev.limpet.engine.Store;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends claims to the store, one batch at a time, until they are answered. Guarded by the lock that it is given. */
final class Claims {
  private static final System.Logger LOG = System.getLogger(Claims.class.getName());

  /** Claims that go together: fewer than a store takes, since those of pins carry names. */
  private static final int TOGETHER_MAX = Math.min(1000, Store.CLAIMS_MAX);

  private final Store store;
  private final Object lock;
  private final BiConsumer<List<Claim>, List<ClaimReply>> answered;
  private final Supplier<List<Claim>> open;
  private final List<Claim> waiting = new ArrayList<>();
  private boolean underWay;
  private boolean retryPlanned;

  /**
   * None yet.
   *
   * @param answered told of answers, under the lock
   * @param open the claims that are wanted now; asked when some brought no answer
   */
  Claims(
      Store store,
      Object lock,
      BiConsumer<List<Claim>, List<ClaimReply>> answered,
      Supplier<List<Claim>> open) {
    this.store = store;
    this.lock = lock;
    this.answered = answered;
    this.open = open;
  }

  /** Sends; those that come while some are under way go together in the next entry. Under the lock. */
  void send(List<Claim> claims) {
    waiting.addAll(claims);
    if (underWay || waiting.isEmpty()) {
      return;
    }
    List<Claim> some = List.copyOf(waiting.subList(0, Math.min(waiting.size(), TOGETHER_MAX)));
    waiting.subList(0, some.size()).clear();
    underWay = true;
    Async.whenDone(store.claim(some), (replies, failure) -> answered(some, replies, failure));
  }

  /** What waits is not wanted any more. Under the lock. */
  void clear() {
    waiting.clear();
  }

  private void answered(
      List<Claim> some, @Nullable List<ClaimReply> replies, @Nullable Throwable failure) {
    synchronized (lock) {
      underWay = false;
      if (replies != null) {
        answered.accept(some, replies);
      } else {
        LOG.log(Level.DEBUG, "claims of " + some.size() + " shards brought no answer", failure);
        retry();
      }
      send(List.of());
    }
  }

  private void retry() {
    if (!retryPlanned) {
      retryPlanned = true;
      Thread.ofVirtual().name("limpet-claims").start(this::again);
    }
  }

  private void again() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (lock) {
      retryPlanned = false;
      send(open.get());
    }
  }
}
