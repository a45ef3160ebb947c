/** A node in the foreground. */
@NullMarked
package dev.limpet.cli.node;

import org.jspecify.annotations.NullMarked;
