package dev.limpet.testkit;

/** What {@link Faults} can do to one node of a {@link TestCluster}, or to its store, for a while. */
public enum Fault {
  /** {@link TestCluster#kill}, and a start afterwards. */
  KILL,
  /** {@link TestCluster#stop}, and a start afterwards. */
  STOP,
  /** {@link TestCluster#freeze}: for less than a lease, about one, or more. */
  FREEZE,
  /** {@link TestCluster#cut(String)}. */
  CUT,
  /** {@link TestCluster#mute}. */
  MUTE,
  /** {@link TestCluster#drain}. */
  DRAIN,
  /** Moves some of the processes in the node's memory to another node, and lets them go home afterwards. */
  MOVE,
  /** {@link TestCluster#breakStore}. */
  BREAK_STORE,
  /** {@link TestCluster#loseStoreAnswers}. */
  LOSE_STORE_ANSWERS,
  /** The node dies while its commits are saved but their answers are lost, so that nobody can tell what its last calls did. */
  KILL_UNANSWERED;

  /** Whether a cluster of that many nodes goes on meanwhile, or can at least be brought back. */
  boolean isOf(int nodes) {
    return switch (this) {
      case KILL, FREEZE, BREAK_STORE, LOSE_STORE_ANSWERS, KILL_UNANSWERED -> true;
      case STOP, CUT, MUTE, DRAIN, MOVE -> nodes > 1;
    };
  }
}
