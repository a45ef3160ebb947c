/** Limpet and others, measured one after the other on the same machine in the same run. */
@NullMarked
package dev.limpet.cli.bench.peers;

import org.jspecify.annotations.NullMarked;
