/** Who holds the replicated logs. */
@NullMarked
package dev.limpet.core.voters;

import org.jspecify.annotations.NullMarked;
