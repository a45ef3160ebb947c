/** What the small pieces cost, measured with JMH: {@code ./limpet jmh}. The whole is measured by {@code ./limpet bench}. */
@NullMarked
package dev.limpet.bench;

import org.jspecify.annotations.NullMarked;
