package dev.limpet.node.home;

/** Told at each step of a planned move, on the thread that takes the step; for tests that stop a node right there. */
@FunctionalInterface
public interface MoveWatch {
  /** Nobody is told. */
  MoveWatch NONE = (shard, step) -> {};

  void at(int shard, Step step);

  /** The steps, of the source and then of the target. */
  enum Step {
    /** No turn begins in the shard any more. */
    FROZEN,
    /** No turn runs, and all that turns changed is saved. */
    SAVED,
    /** The target has the memory. */
    CARRIED,
    /** The source has given the shard up and proposes its release. */
    RENOUNCED,
    /** The memory has arrived here. */
    ARRIVED,
    /** The shard is this node's by the ledger, and the store is about to be asked for it. */
    CLAIMING,
    /** The shard is served here. */
    OPENED
  }
}
