/** Chaos: a cluster of real processes on a bad network, what its callers were told, and whether it may be so. */
@NullMarked
package dev.limpet.cli.chaos;

import org.jspecify.annotations.NullMarked;
