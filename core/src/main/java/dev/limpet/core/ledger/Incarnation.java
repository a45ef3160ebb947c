package dev.limpet.core.ledger;

/**
 * The process behind a registration, as those can recognise it who hold a proof that it has ended.
 *
 * @param lock names the one file that it holds locked to its end, on the one machine where it does so; empty if a lock there
 *     proves nothing
 * @param pid the operating system's number of it; 0 if unknown
 * @param startedMillis when the operating system started it, by the machine's wall clock; 0 if unknown
 */
public record Incarnation(String lock, long pid, long startedMillis) {
  /** One that nobody can recognise. */
  public static final Incarnation UNKNOWN = new Incarnation("", 0, 0);
}
