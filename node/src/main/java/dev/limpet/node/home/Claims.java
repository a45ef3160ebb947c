package dev.limpet.node.home;

import dev.limpet.engine.Store;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The claims of shards on their way to the store, one entry at a time: those that come while one is under way go together
 * in the next. Claims without an answer are sent again, as they then are, until they have one. Thread-safe; calls nobody
 * with its own lock held.
 */
final class Claims {
  private static final System.Logger LOG = System.getLogger(Claims.class.getName());
  private static final long RETRY_MILLIS = 100;

  /** Claims that go together: fewer than a store takes, since those of pins carry names. */
  private static final int TOGETHER_MAX = Math.min(1000, Store.CLAIMS_MAX);

  private final Store store;
  private final MoveWatch watch;
  private final Supplier<List<Claim>> unanswered;
  private final Answered answered;

  // Guarded by this.
  private final List<Claim> waiting = new ArrayList<>();
  private boolean underWay;
  private boolean retryPlanned;

  /** Takes the answers to claims, in their order. */
  interface Answered {
    void answered(List<Claim> claims, List<ClaimReply> replies);
  }

  /**
   * None yet.
   *
   * @param unanswered all claims that have no answer at this moment
   */
  Claims(Store store, MoveWatch watch, Supplier<List<Claim>> unanswered, Answered answered) {
    this.store = store;
    this.watch = watch;
    this.unanswered = unanswered;
    this.answered = answered;
  }

  void send(List<Claim> claims) {
    claims.forEach(c -> watch.at(c.shard(), MoveWatch.Step.CLAIMING));
    List<Claim> some;
    synchronized (this) {
      waiting.addAll(claims);
      if (underWay || waiting.isEmpty()) {
        return;
      }
      some = List.copyOf(waiting.subList(0, Math.min(waiting.size(), TOGETHER_MAX)));
      waiting.subList(0, some.size()).clear();
      underWay = true;
    }
    Async.whenDone(store.claim(some), (replies, failure) -> over(some, replies, failure));
  }

  /** Forgets those that wait to be sent. */
  synchronized void clear() {
    waiting.clear();
  }

  private void over(
      List<Claim> some, @Nullable List<ClaimReply> replies, @Nullable Throwable failure) {
    synchronized (this) {
      underWay = false;
    }
    if (replies != null) {
      answered.answered(some, replies);
    } else {
      LOG.log(Level.DEBUG, "claims of " + some.size() + " shards brought no answer", failure);
      planRetry();
    }
    send(List.of());
  }

  private synchronized void planRetry() {
    if (!retryPlanned) {
      retryPlanned = true;
      Thread.ofVirtual().name("limpet-claims").start(this::retry);
    }
  }

  private void retry() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      retryPlanned = false;
    }
    send(unanswered.get());
  }
}
