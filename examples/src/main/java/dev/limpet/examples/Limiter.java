package dev.limpet.examples;

import dev.limpet.Sticky;

/**
 * How many requests one user, address or tenant may make: so many in a window of time, counted exactly however many
 * nodes serve them. The window begins with the key's first permit.
 */
@Sticky("limiter")
public interface Limiter {
  /**
   * Takes that many permits, or none at all if there are fewer left.
   *
   * @param permits at least 1
   */
  Permit tryAcquire(long permits) throws InvalidAmount;

  /**
   * The answer.
   *
   * @param allowed whether the permits were taken
   * @param remaining how many are left in this window
   */
  record Permit(boolean allowed, long remaining) {}
}
