/** Compact binary reading and writing, bounded against hostile input. */
@NullMarked
package dev.limpet.core.bytes;

import org.jspecify.annotations.NullMarked;
