package dev.limpet.examples;

import dev.limpet.Reads;
import dev.limpet.Sticky;

/** Money of one owner, in cents; never below zero. With an idempotency key each payment counts exactly once. */
@Sticky("wallet")
public interface Wallet {
  /** Pays in, and returns the new balance. */
  long deposit(long cents) throws InvalidAmount, Overflow;

  /**
   * Pays out, and returns the new balance.
   *
   * @throws InsufficientFunds if the balance does not cover it; it stays as it was
   */
  long withdraw(long cents) throws InvalidAmount, InsufficientFunds;

  /** What the wallet holds. */
  @Reads
  long balance();
}
