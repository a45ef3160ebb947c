/** How the interfaces in {@code dev.limpet} find the node behind them. Not for applications. */
@NullMarked
package dev.limpet.spi;

import org.jspecify.annotations.NullMarked;
