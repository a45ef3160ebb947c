package dev.limpet.node.home;

import dev.limpet.Limpet;
import dev.limpet.VirtualClock;
import dev.limpet.engine.Store;
import java.time.Clock;

/**
 * What activations need of their node.
 *
 * @param limpet the way to other processes
 * @param clock the time that processes see
 * @param gate whether this node may begin something
 * @param supervision of processes that fail
 */
public record Services(
    String node, Limpet limpet, Store store, Clock clock, Gate gate, Supervision supervision) {
  /** With nothing known against any process. */
  public Services(String node, Limpet limpet, Store store, Clock clock, Gate gate) {
    this(node, limpet, store, clock, gate, new Supervision());
  }

  /**
   * The time by which a process is idle, in milliseconds of no meaning by themselves: that of a virtual clock, else the
   * monotonic one, which no step of the wall clock disturbs.
   *
   * @param nowNanos {@code System.nanoTime()}, read just before
   */
  long idleMillis(long nowNanos) {
    return clock instanceof VirtualClock ? clock.millis() : nowNanos / 1_000_000;
  }

  /** The time by which failing processes are paused; of the same kind, in nanoseconds. */
  long pauseNanos() {
    return clock instanceof VirtualClock ? clock.millis() * 1_000_000 : System.nanoTime();
  }
}
