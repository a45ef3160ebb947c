package dev.limpet.node.home;

/**
 * Told at each step of a planned move, of a shard or of a pin, on the thread that takes the step; for who measures the
 * steps, and for tests that stop a node right there.
 */
@FunctionalInterface
public interface MoveWatch {
  /** Nobody is told. */
  MoveWatch NONE = (shard, step) -> {};

  void at(int shard, Step step);

  /** The steps: of a pin's begin, of the source, of the target, and of a pin's end. */
  enum Step {
    /** A process that will be pinned has left its hashed shard; its pin is about to be claimed, on the same node. */
    LEFT,
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
    OPENED,
    /** A pin is ended in the store, on the node that serves its hashed shard too; the ledger is about to be told. */
    ENDED
  }
}
