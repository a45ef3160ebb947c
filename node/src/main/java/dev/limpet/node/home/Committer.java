package dev.limpet.node.home;

import dev.limpet.engine.Store;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Sends the commits of this node's shards to the store: what gathered while one batch was under way makes the next.
 *
 * <p>Shards are dealt to a few lanes; each lane has one batch under way, so a shard's parts go one after the other. What
 * brought no answer goes again, unchanged, until it is answered or the shard is lost.
 */
final class Committer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Committer.class.getName());
  private static final long RETRY_PAUSE_MILLIS_MAX = 500;

  private final Store store;
  private final Fenced onFenced;
  private final List<Lane> lanes = new ArrayList<>();

  /** Told when the store did not take a shard's commit since a higher claim stands, or a sequence is broken. */
  interface Fenced {
    void fenced(Ownership own);
  }

  Committer(Store store, int laneCount, Fenced onFenced) {
    this.store = store;
    this.onFenced = onFenced;
    for (int i = 0; i < laneCount; i++) {
      Lane lane = new Lane();
      lanes.add(lane);
      Thread unused = Thread.ofVirtual().name("limpet-commits-" + i).start(lane::work);
    }
  }

  /** Something waits in that shard's lane. */
  void ready(Ownership own) {
    lanes.get(own.shard() % lanes.size()).ready(own);
  }

  @Override
  public void close() {
    lanes.forEach(Lane::close);
  }

  private record Sent(Ownership own, Store.Part part) {}

  private final class Lane {
    private final LinkedHashSet<Ownership> ready = new LinkedHashSet<>();
    private boolean closed;

    synchronized void ready(Ownership own) {
      if (ready.add(own) && ready.size() == 1) {
        notifyAll();
      }
    }

    synchronized void close() {
      closed = true;
      notifyAll();
    }

    void work() {
      try {
        List<Sent> batch = new ArrayList<>();
        while (gather(batch)) {
          if (!batch.isEmpty()) {
            send(batch);
          }
          batch.clear();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        // Without this thread no commit of its shards would ever be answered.
        Halt.now("the commits of this node cannot go on", e);
      }
    }

    /** Waits for work; false when closed. */
    private boolean gather(List<Sent> batch) throws InterruptedException {
      List<Ownership> candidates;
      synchronized (this) {
        while (ready.isEmpty() && !closed) {
          wait();
        }
        if (closed) {
          return false;
        }
        candidates = new ArrayList<>(ready);
        ready.clear();
      }
      int room = store.commitBytesMax();
      List<Ownership> next = new ArrayList<>();
      for (Ownership own : candidates) {
        Store.Part part = own.nextPart(room);
        if (part != null) {
          room -= part.bytes();
          batch.add(new Sent(own, part));
        } else if (own.waits()) {
          next.add(own);
        }
      }
      if (!next.isEmpty()) {
        // What found no room in this batch comes first in the next.
        synchronized (this) {
          next.addAll(ready);
          ready.clear();
          ready.addAll(next);
        }
      }
      return true;
    }

    private void send(List<Sent> batch) throws InterruptedException {
      long pause = 10;
      List<Sent> open = batch;
      while (!open.isEmpty()) {
        try {
          CompletableFuture<Store.Committed> answer =
              store.commit(open.stream().map(Sent::part).toList());
          settle(open, answer.get());
          return;
        } catch (ExecutionException e) {
          LOG.log(Level.DEBUG, "a commit brought no answer and is sent again", e.getCause());
          synchronized (this) {
            if (closed) {
              return;
            }
            wait(pause);
          }
          pause = Math.min(pause * 2, RETRY_PAUSE_MILLIS_MAX);
          open = again(open);
        }
      }
    }

    private List<Sent> again(List<Sent> batch) {
      List<Sent> open = new ArrayList<>();
      for (Sent s : batch) {
        Store.Part part = s.own.partAgain();
        if (part != null) {
          open.add(new Sent(s.own, part));
        }
      }
      return open;
    }

    private void settle(List<Sent> batch, Store.Committed answer) {
      for (int i = 0; i < batch.size(); i++) {
        Ownership own = batch.get(i).own;
        Store.PartReply reply = answer.replies().get(i);
        if (own.answered(reply, answer.index())) {
          ready(own);
        }
        if (reply == Store.PartReply.FENCED || reply == Store.PartReply.GAP) {
          LOG.log(
              Level.INFO,
              "shard {0} lost its claim {1} of epoch {2}: {3}",
              own.shard(),
              own.claim(),
              own.epoch(),
              reply);
          onFenced.fenced(own);
        }
      }
    }
  }
}
