package dev.limpet.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CounterTest extends LocalLimpetTest {
  @Test
  void add_returnsTheNewValue() throws Overflow {
    Counter counter = limpet.get(Counter.class, "clicks");
    assertThat(counter.get()).isZero();
    assertThat(counter.add(2)).isEqualTo(2);
    assertThat(counter.add(-5)).isEqualTo(-3);
    assertThat(counter.get()).isEqualTo(-3);
  }

  @Test
  void add_toOneKey_leavesOthersAlone() throws Overflow {
    limpet.get(Counter.class, "a").add(1);
    assertThat(limpet.get(Counter.class, "b").get()).isZero();
  }

  @Test
  void add_fromManyThreads_countsEachOnce() {
    var calls =
        IntStream.range(0, 500)
            .mapToObj(i -> limpet.ref(Counter.class, "busy").async(c -> c.add(1)))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(calls).join();
    assertThat(limpet.get(Counter.class, "busy").get()).isEqualTo(500);
  }

  @Test
  void add_beyond64Bits_isRefusedAndChangesNothing() throws Overflow {
    Counter counter = limpet.get(Counter.class, "full");
    counter.add(Long.MAX_VALUE);
    assertThatThrownBy(() -> counter.add(1)).isInstanceOf(Overflow.class);
    assertThat(counter.get()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void value_outlivesPassivation() throws Overflow {
    limpet.get(Counter.class, "kept").add(7);
    clock.advance(Duration.ofHours(1));
    assertThat(limpet.get(Counter.class, "kept").get()).isEqualTo(7);
  }

  @Test
  void add_repeatedWithOneIdempotencyKey_countsOnce() throws Overflow {
    var ref = limpet.ref(Counter.class, "once").withIdempotencyKey("order-1");
    assertThat(ref.get().add(3)).isEqualTo(3);
    assertThat(ref.get().add(3)).isEqualTo(3);
    assertThat(limpet.get(Counter.class, "once").get()).isEqualTo(3);
  }
}
