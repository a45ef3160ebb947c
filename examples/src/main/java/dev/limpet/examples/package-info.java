/** Small sticky processes to read first: a counter, a wallet, a rate limiter, and a count that is not saved. */
@NullMarked
package dev.limpet.examples;

import org.jspecify.annotations.NullMarked;
