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
 */
public record Services(String node, Limpet limpet, Store store, Clock clock, Gate gate) {
  /**
   * The time by which a process is idle, in milliseconds of no meaning by themselves: that of a virtual clock, else the
   * monotonic one, which no step of the wall clock disturbs.
   *
   * @param nowNanos {@code System.nanoTime()}, read just before
   */
  long idleMillis(long nowNanos) {
    return clock instanceof VirtualClock ? clock.millis() : nowNanos / 1_000_000;
  }
}
