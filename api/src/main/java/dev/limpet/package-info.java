/**
 * What the author of an application writes and sees: an interface marked {@link dev.limpet.Sticky}, a plain class
 * behind it, and {@link dev.limpet.Limpet} to reach it from any node.
 */
@NullMarked
package dev.limpet;

import org.jspecify.annotations.NullMarked;
