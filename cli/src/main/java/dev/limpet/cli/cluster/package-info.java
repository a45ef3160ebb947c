/** Nodes as child processes on this machine, for the demo and the measurements. */
@NullMarked
package dev.limpet.cli.cluster;

import org.jspecify.annotations.NullMarked;
