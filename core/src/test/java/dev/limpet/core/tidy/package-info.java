/** What no compiler checks about the text of the whole repository. */
@NullMarked
package dev.limpet.core.tidy;

import org.jspecify.annotations.NullMarked;
