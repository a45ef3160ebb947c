/** What the HTTP edge and the command line see of a node. */
@NullMarked
package dev.limpet.node.door;

import org.jspecify.annotations.NullMarked;
