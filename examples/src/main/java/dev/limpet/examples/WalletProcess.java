package dev.limpet.examples;

import dev.limpet.Durable;
import dev.limpet.ProcessContext;

/** One wallet. Check and change are one turn, so two withdrawals can never both be covered by the same money. */
final class WalletProcess implements Wallet {
  /** What is saved. A record, so that fields can be added later. */
  record Balance(long cents) {}

  private final Durable<Balance> balance;

  WalletProcess(ProcessContext self) {
    balance = self.durable("balance", Balance.class, new Balance(0));
  }

  @Override
  public long deposit(long cents) throws InvalidAmount, Overflow {
    InvalidAmount.unlessPositive("cents", cents);
    long after = Overflow.checkedSum(balance.get().cents(), cents);
    balance.set(new Balance(after));
    return after;
  }

  @Override
  public long withdraw(long cents) throws InvalidAmount, InsufficientFunds {
    InvalidAmount.unlessPositive("cents", cents);
    long before = balance.get().cents();
    if (cents > before) {
      throw new InsufficientFunds(
          "the balance is " + before + " cents, " + cents + " were asked for");
    }
    balance.set(new Balance(before - cents));
    return before - cents;
  }

  @Override
  public long balance() {
    return balance.get().cents();
  }
}
