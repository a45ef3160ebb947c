/** The simulator on the command line. */
@NullMarked
package dev.limpet.cli.sim;

import org.jspecify.annotations.NullMarked;
