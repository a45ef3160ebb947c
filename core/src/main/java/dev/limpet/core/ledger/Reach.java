package dev.limpet.core.ledger;

/**
 * What a node that renews its lease reaches, by its own word (rule 3).
 *
 * @param store whether its commits are taken, and its replica of the store follows
 * @param peers whether most members, itself included, answer it
 */
public record Reach(boolean store, boolean peers) {
  public static final Reach ALL = new Reach(true, true);

  /** Whether it can serve as well as any. */
  public boolean all() {
    return store && peers;
  }

  /** What it does not reach, for people; empty if nothing. */
  public String lacks() {
    return all() ? "" : store ? "its peers" : peers ? "the store" : "the store and its peers";
  }
}
