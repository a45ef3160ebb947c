/** Holds the core to its promise of purity, and proves on impure samples that the rules see them. */
@NullMarked
package dev.limpet.core.arch;

import org.jspecify.annotations.NullMarked;
