/** What every engine must pass, and tools for tests. */
@NullMarked
package dev.limpet.store.contract;

import org.jspecify.annotations.NullMarked;
