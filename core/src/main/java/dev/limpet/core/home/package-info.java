/** A shard's life on its home node, and the commits of its processes. */
@NullMarked
package dev.limpet.core.home;

import org.jspecify.annotations.NullMarked;
