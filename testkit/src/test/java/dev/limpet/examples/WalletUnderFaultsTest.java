package dev.limpet.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.testkit.Expected;
import dev.limpet.testkit.Faults;
import dev.limpet.testkit.TestCluster;
import dev.limpet.testkit.Trial;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The wallet on three nodes that die, freeze and lose touch: what a test of a process of your own looks like. */
@Timeout(60)
class WalletUnderFaultsTest {
  @Test
  void deposit_thatWasAcknowledged_outlivesItsNode() throws Exception {
    // A kill is noticed at once; a long lease keeps a busy machine from looking like another fault.
    Duration lease = Duration.ofSeconds(10);
    try (TestCluster cluster = TestCluster.of(3).app(new ExampleApp()).lease(lease).start()) {
      cluster.get(Wallet.class, "alice").deposit(500);
      cluster.kill(cluster.home(Wallet.class, "alice"));
      assertThat(cluster.get(Wallet.class, "alice").balance()).isEqualTo(500);
    }
  }

  @Test
  void everyAnswer_isThatOfOneWallet_whateverBreaks() {
    try (TestCluster cluster = TestCluster.of(3).app(new ExampleApp()).start()) {
      Trial.of(Wallet.class, 0L)
          .call("deposit 5", w -> w.deposit(5), cents -> Expected.answer(cents + 5, cents + 5))
          .call(
              "withdraw 4",
              w -> w.withdraw(4),
              cents ->
                  cents >= 4
                      ? Expected.answer(cents - 4, cents - 4)
                      : Expected.refusal(cents, InsufficientFunds.class))
          .read("balance", Wallet::balance, cents -> cents)
          .run(cluster, Faults.of(2934).rounds(3));
    }
  }
}
