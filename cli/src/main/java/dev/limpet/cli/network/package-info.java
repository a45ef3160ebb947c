/** A network of our own for nodes on this machine, which can be made bad between any two of them. */
@NullMarked
package dev.limpet.cli.network;

import org.jspecify.annotations.NullMarked;
