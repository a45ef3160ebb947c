/**
 * What Limpet asks of the engines under it: a {@linkplain dev.limpet.engine.ReplicatedLog replicated log} and a fenced
 * {@linkplain dev.limpet.engine.Store store}. Every engine passes the contract tests in {@code store-contract}.
 */
@NullMarked
package dev.limpet.engine;

import org.jspecify.annotations.NullMarked;
