/** The embedded store: a state machine over RocksDB that a replicated log drives, and the store that speaks to both. */
@NullMarked
package dev.limpet.store.embedded;

import org.jspecify.annotations.NullMarked;
