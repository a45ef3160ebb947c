/** Processes on their home: shards, activations, turns, cells and commits. */
@NullMarked
package dev.limpet.node.home;

import org.jspecify.annotations.NullMarked;
