/** How a call finds its process: routing, the frames between nodes, waiting and trying again. */
@NullMarked
package dev.limpet.node.call;

import org.jspecify.annotations.NullMarked;
