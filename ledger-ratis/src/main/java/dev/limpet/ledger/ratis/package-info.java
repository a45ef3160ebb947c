/**
 * The replicated log on Apache Ratis: a {@link dev.limpet.ledger.ratis.RatisHost} carries the replicas of several groups
 * (the ledger, the store) in one JVM. Only Ratis' write path is used; see {@code
 * docs/decisions/0001-consensus-engine.md} for what was measured and what is guarded against.
 */
@NullMarked
package dev.limpet.ledger.ratis;

import org.jspecify.annotations.NullMarked;
