/** A whole cluster in one thread, on virtual time, with faults and checks: the same core, no sockets, no threads. */
@NullMarked
package dev.limpet.sim;

import org.jspecify.annotations.NullMarked;
