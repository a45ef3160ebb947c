/**
 * Frames between Limpet nodes: one port per node, one multiplexed TCP connection per pair and direction, everything
 * bounded, and errors that say whether a request may have run. Start at {@link dev.limpet.transport.Transport}.
 */
@NullMarked
package dev.limpet.transport;

import org.jspecify.annotations.NullMarked;
