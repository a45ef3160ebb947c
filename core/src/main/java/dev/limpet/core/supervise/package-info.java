/** How processes that fail and turns that do not end are dealt with. */
@NullMarked
package dev.limpet.core.supervise;

import org.jspecify.annotations.NullMarked;
