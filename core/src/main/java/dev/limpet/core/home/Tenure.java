package dev.limpet.core.home;

/** What a shard is to this node. */
public sealed interface Tenure {
  /** Another node's, or nobody's. */
  record Away() implements Tenure {
    // Not a constant of Tenure: two threads that first meet the one and the other would wait for
    // each other for ever.
    static final Away AWAY = new Away();
  }

  /** Ours by the placement; the store has not granted the claim yet, and calls wait. */
  record Claiming(long epoch, long claim) implements Tenure {}

  /**
   * Served here.
   *
   * @param readFrom the store index that loads must at least contain
   */
  record Open(long epoch, long claim, long readFrom) implements Tenure {}

  /**
   * About to move: turns that run may finish, and calls of their chains are let in; others wait.
   *
   * @param since when the freeze began
   */
  record Freezing(Open open, long move, long since) implements Tenure {}

  /** Given up for good: only an applied abort of the move brings it back (rule 15). */
  record Renounced(Open open, long move, long image) implements Tenure {}

  /** The epoch under which this node owns the shard, or 0. */
  default long epoch() {
    return switch (this) {
      case Away ignored -> 0;
      case Claiming t -> t.epoch;
      case Open t -> t.epoch;
      case Freezing t -> t.open.epoch;
      case Renounced t -> t.open.epoch;
    };
  }

  /** One word for status pages. */
  default String word() {
    return switch (this) {
      case Away ignored -> "away";
      case Claiming ignored -> "claiming";
      case Open ignored -> "open";
      case Freezing ignored -> "freezing";
      case Renounced ignored -> "renounced";
    };
  }
}
