package dev.limpet.cli.network;

import java.util.concurrent.TimeUnit;

/** One direction between two nodes: its state, which may change at any time. Thread-safe. */
final class Link {
  private static final long RETRANSMISSION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private LinkState state = LinkState.GOOD;
  private long freeAtNanos = System.nanoTime();
  private long flipped;

  synchronized LinkState state() {
    return state;
  }

  synchronized void set(LinkState next) {
    state = next;
    notifyAll();
  }

  /** How many bits were flipped so far. */
  synchronized long flipped() {
    return flipped;
  }

  synchronized void flippedOne() {
    flipped++;
  }

  /** Waits until bytes that were sent at a time may arrive: as long as the link stalls, and for its delay. */
  synchronized void awaitPassage(long sentNanos, int bytes, double jitter, double luck)
      throws InterruptedException {
    long due = sentNanos;
    boolean charged = false;
    while (true) {
      while (state.stalled()) {
        wait();
      }
      if (!charged && state.bytesPerSecond() > 0) {
        long takes = TimeUnit.SECONDS.toNanos(bytes) / state.bytesPerSecond();
        freeAtNanos = Math.max(freeAtNanos, System.nanoTime()) + takes;
        due = Math.max(due, freeAtNanos);
        charged = true;
      }
      long delay =
          state.isGood()
              ? 0
              : TimeUnit.MILLISECONDS.toNanos(
                  state.delayMillis() + Math.round(jitter * state.jitterMillis()));
      long lost = luck * 100 < state.lossPercent() ? RETRANSMISSION_NANOS : 0;
      long left = (state.isGood() ? 0 : due + delay + lost - System.nanoTime());
      if (left <= 0) {
        return;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }
}
