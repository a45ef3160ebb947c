package dev.limpet.node.home;

import dev.limpet.Limpet;
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
  /** The time that processes see, in milliseconds. */
  long now() {
    return clock.millis();
  }
}
