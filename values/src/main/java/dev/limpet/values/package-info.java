/**
 * Reads process interfaces: which methods there are, which values they take and give, how those travel, and how a call
 * on an interface becomes a call on a process.
 */
@NullMarked
package dev.limpet.values;

import org.jspecify.annotations.NullMarked;
