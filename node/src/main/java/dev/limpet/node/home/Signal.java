package dev.limpet.node.home;

/** Lets calls wait for something to change, without missing a change that comes before they wait. Thread-safe. */
public final class Signal {
  private volatile long version; // written under this

  /** Read this before looking; then {@link #await} returns at once if something changed after that. */
  public long version() {
    return version;
  }

  /** Something changed. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // only ever under this
  public synchronized void raise() {
    version++;
    notifyAll();
  }

  /** Waits for a change after that version, until a time as of {@code System.nanoTime}; false if none came. */
  public synchronized boolean await(long seen, long untilNanos) throws InterruptedException {
    while (version == seen) {
      long left = untilNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return true;
  }
}
