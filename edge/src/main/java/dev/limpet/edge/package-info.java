/** The HTTP edge: any node takes any request and brings it to the home of the process. */
@NullMarked
package dev.limpet.edge;

import org.jspecify.annotations.NullMarked;
