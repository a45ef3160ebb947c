package dev.limpet.node.cluster;

/** What the frames between nodes are about. The numbers are the protocol; never reuse one. */
public final class FrameKind {
  /** A call to a process. */
  public static final int CALL = 1;

  /** An entry for one of the replicated logs, to be appended by its leader. */
  public static final int PROPOSE = 2;

  /** A lease renewal, to the leader of the ledger. */
  public static final int RENEW = 3;

  /** What a node knows of a cluster: asked while one is being formed. */
  public static final int FORM_STATUS = 4;

  /** The wish of the proposing seed that a node accept these voters as the cluster. */
  public static final int FORM_ACCEPT = 5;

  /** A look at one process on its home. */
  public static final int INSPECT = 6;

  /** A piece of the memory of a shard that is about to move here. */
  public static final int MEMORY = 30;

  /** What a node knows of processes that fail and turns that are stuck. */
  public static final int TROUBLES = 12;

  /** A member's port is refused, to the leader of the ledger. */
  public static final int REFUSED = 31;

  /** What was applied to the ledger since an index; answered when there is something, or after a while. */
  public static final int FEED = 20;

  /** The saved columns of one process, from a replica of the store. */
  public static final int LOAD = 21;

  /** The wish of the ledger's leader that a node start replicas, to be added to the voters. */
  public static final int SEAT = 22;

  /** The wish of a proposing seed that a node take part in its attempt to form a cluster. */
  public static final int FORM_PREPARE = 23;

  private FrameKind() {}
}
