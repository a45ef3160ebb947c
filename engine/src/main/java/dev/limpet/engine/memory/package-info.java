/** Engines without disk or network: one node in memory, for {@code Limpet.local()} and for tests. */
@NullMarked
package dev.limpet.engine.memory;

import org.jspecify.annotations.NullMarked;
