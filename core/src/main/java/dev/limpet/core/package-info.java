/**
 * Everything that decides, and nothing that acts: state machines without clock, thread, lock, socket, file or
 * randomness. Time is an argument ({@code nowNanos}, monotonic). The same code runs in the node and in the simulator.
 */
@NullMarked
package dev.limpet.core;

import org.jspecify.annotations.NullMarked;
