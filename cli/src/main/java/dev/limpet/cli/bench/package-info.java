/** Measurements. */
@NullMarked
package dev.limpet.cli.bench;

import org.jspecify.annotations.NullMarked;
