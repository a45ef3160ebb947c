/** Both sides of a lease: the node that holds it and the ledger's leader that grants it. */
@NullMarked
package dev.limpet.core.lease;

import org.jspecify.annotations.NullMarked;
