package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyHashTest {
  private static final byte[] SECRET = counting(16);

  /** The designers' test vectors: the key 00 01 … 0f, the message 00 01 … of that length, the hash little-endian. */
  @ParameterizedTest
  @CsvSource({
    "0, 310e0edd47db6f72", "1, fd67dc93c539f874", "2, 5a4fa9d909806c0d", "3, 2d7efbd796666785",
    "4, b7877127e09427cf", "5, 8da699cd64557618", "6, cee3fe586e46c9cb", "7, 37d1018bf50002ab",
    "8, 6224939a79f5f593", "9, b0e4a90bdf82009e", "10, f3b9dd94c5bb5d7a", "11, a7ad6b22462fb3f4",
    "12, fbe50e86bc8f1e75", "13, 903d84c02756ea14", "14, eef27a8e90ca23f7", "15, e545be4961ca29a1",
    "16, db9bc2577fcc2a3f", "63, 724506eb4c328a95"
  })
  void hash_ofThePublishedVectors_isAsPublished(int length, String expected) {
    long hash = KeyHash.hash(SECRET, counting(length));
    byte[] bytes = new byte[8];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (hash >>> (8 * i));
    }
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(expected);
  }

  @Test
  void shard_separatesTypeFromKey_andSpreads() {
    assertThat(KeyHash.shard(SECRET, "ab", "c", 1 << 16))
        .isNotEqualTo(KeyHash.shard(SECRET, "a", "bc", 1 << 16));
    int[] counts = new int[64];
    for (int i = 0; i < 64_000; i++) {
      counts[KeyHash.shard(SECRET, "wallet", "user-" + i, 64)]++;
    }
    for (int n : counts) {
      assertThat(n).isBetween(800, 1200);
    }
  }

  private static byte[] counting(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }
}
