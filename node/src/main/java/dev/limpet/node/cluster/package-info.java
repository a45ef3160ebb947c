/** The node's part in the cluster: forming, the ledger's replica, membership, leases, and the leader's duties. */
@NullMarked
package dev.limpet.node.cluster;

import org.jspecify.annotations.NullMarked;
