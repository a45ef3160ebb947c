package dev.limpet.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WalletTest extends LocalLimpetTest {
  @Test
  void depositAndWithdraw_returnTheNewBalance() throws Exception {
    Wallet wallet = limpet.get(Wallet.class, "alice");
    assertThat(wallet.deposit(500)).isEqualTo(500);
    assertThat(wallet.withdraw(180)).isEqualTo(320);
    assertThat(wallet.balance()).isEqualTo(320);
  }

  @Test
  void withdraw_moreThanThereIs_isRefusedAndLeavesTheBalance() throws Exception {
    Wallet wallet = limpet.get(Wallet.class, "alice");
    wallet.deposit(100);
    assertThatThrownBy(() -> wallet.withdraw(101))
        .isInstanceOf(InsufficientFunds.class)
        .hasMessageContaining("100 cents");
    assertThat(wallet.balance()).isEqualTo(100);
  }

  @Test
  void withdraw_fromManyThreads_neverOverdraws() throws Exception {
    Wallet wallet = limpet.get(Wallet.class, "alice");
    wallet.deposit(100);
    var calls =
        IntStream.range(0, 200)
            .mapToObj(i ->
                limpet
                    .ref(Wallet.class, "alice")
                    .async(w -> w.withdraw(1))
                    .handle((left, refused) -> refused == null))
            .toList();
    assertThat(calls.stream().filter(CompletableFuture::join).count()).isEqualTo(100);
    assertThat(wallet.balance()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void amount_notPositive_isRefused(long cents) {
    Wallet wallet = limpet.get(Wallet.class, "alice");
    assertThatThrownBy(() -> wallet.deposit(cents)).isInstanceOf(InvalidAmount.class);
    assertThatThrownBy(() -> wallet.withdraw(cents)).isInstanceOf(InvalidAmount.class);
  }

  @Test
  void deposit_beyond64Bits_isRefusedAndLeavesTheBalance() throws Exception {
    Wallet wallet = limpet.get(Wallet.class, "rich");
    wallet.deposit(Long.MAX_VALUE);
    assertThatThrownBy(() -> wallet.deposit(1)).isInstanceOf(Overflow.class);
    assertThat(wallet.balance()).isEqualTo(Long.MAX_VALUE);
  }
}
