/** What every engine must pass, and tools for tests. */
@NullMarked
package dev.limpet.testkit;

import org.jspecify.annotations.NullMarked;
