/** Half of a package cycle, for the rule to find. */
@NullMarked
package dev.limpet.core.arch.cyclic.one;

import org.jspecify.annotations.NullMarked;
