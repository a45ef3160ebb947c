/** How brand-new nodes agree on one cluster. */
@NullMarked
package dev.limpet.core.forming;

import org.jspecify.annotations.NullMarked;
