/** What a node does about its own membership. */
@NullMarked
package dev.limpet.core.node;

import org.jspecify.annotations.NullMarked;
