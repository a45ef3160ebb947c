/** What keeps a late owner from changing anything: the fence of one shard's saved data. */
@NullMarked
package dev.limpet.core.fence;

import org.jspecify.annotations.NullMarked;
