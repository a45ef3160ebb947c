/** Load for the demo and the measurements: clients, probes, and the book of what was acknowledged. */
@NullMarked
package dev.limpet.cli.load;

import org.jspecify.annotations.NullMarked;
