package dev.limpet.node.call;

import dev.limpet.core.ledger.Placement;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.Signal;

/** What routing needs to know of the cluster. Thread-safe. */
public interface Cluster {
  /** The view that this node acts by. */
  Placement view();

  /** The last ledger entry that the view contains. */
  long viewIndex();

  /** This node's registration, or 0 while it is no member. */
  long registration();

  Gate gate();

  /** Whether nobody has held that role for so long that calls which need it are refused at once. */
  boolean isVacant(String role);

  /** Raised when the view, the lease or a shard has changed. */
  Signal changes();
}
