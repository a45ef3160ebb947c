/** Which processes leave memory when there are more than there may be. */
@NullMarked
package dev.limpet.core.passivation;

import org.jspecify.annotations.NullMarked;
