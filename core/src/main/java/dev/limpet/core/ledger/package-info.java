/** The cluster's decisions: who is a member, which node is each shard's home, and since which epoch. */
@NullMarked
package dev.limpet.core.ledger;

import org.jspecify.annotations.NullMarked;
