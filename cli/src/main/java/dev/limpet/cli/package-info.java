/** The command line. */
@NullMarked
package dev.limpet.cli;

import org.jspecify.annotations.NullMarked;
