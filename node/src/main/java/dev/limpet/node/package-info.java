/** The one impure centre: threads, sockets, disks and clocks around the pure core. */
@NullMarked
package dev.limpet.node;

import org.jspecify.annotations.NullMarked;
