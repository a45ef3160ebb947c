/** Where a call goes. */
@NullMarked
package dev.limpet.core.route;

import org.jspecify.annotations.NullMarked;
