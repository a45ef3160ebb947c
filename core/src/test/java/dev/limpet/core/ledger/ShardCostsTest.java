package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ShardCostsTest {
  private static byte[] encoded(ShardCosts costs) {
    ByteWriter out = new ByteWriter(16);
    costs.encode(out);
    return out.toBytes();
  }

  @Test
  void costs_areReadAsTheyWereWritten() {
    ShardCosts costs = new ShardCosts(new TreeMap<>(Map.of(0, 1, 255, 1_000_000, 70_000, 3)));
    assertThat(ShardCosts.decode(new ByteReader(encoded(costs)))).isEqualTo(costs);
    assertThat(ShardCosts.decode(new ByteReader(encoded(ShardCosts.NONE))))
        .isEqualTo(ShardCosts.NONE);
    assertThat(costs.of(255)).isEqualTo(1_000_000);
    assertThat(costs.of(1)).as("an idle shard").isZero();
  }

  @Test
  void costs_thatAreCutOff_areMalformed() {
    byte[] whole = encoded(new ShardCosts(new TreeMap<>(Map.of(1, 300, 2, 300))));
    for (int length = 0; length < whole.length; length++) {
      ByteReader cut = new ByteReader(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ShardCosts.decode(cut)).isInstanceOf(ByteReader.Malformed.class);
    }
  }
}
