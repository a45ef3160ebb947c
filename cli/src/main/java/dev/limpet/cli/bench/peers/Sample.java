package dev.limpet.cli.bench.peers;

import java.util.OptionalDouble;

/**
 * What one contender did in one measured time.
 *
 * @param round from 1
 * @param cpuMicros processor time of all its operating system processes, for each call
 */
record Sample(
    String contender, PeerCase which, int round, Figures figures, OptionalDouble cpuMicros) {
  /** Whether one call at a time was made. */
  boolean oneAtATime() {
    return figures.window() == 1;
  }
}
