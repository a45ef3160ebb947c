/** Ports for the nodes that the tests of all modules start. */
@NullMarked
package dev.limpet.ports;

import org.jspecify.annotations.NullMarked;
