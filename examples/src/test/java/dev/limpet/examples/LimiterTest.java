package dev.limpet.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.examples.Limiter.Permit;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LimiterTest extends LocalLimpetTest {
  @Test
  void hundredPermits_areGrantedAndThe101stIsNot() throws InvalidAmount {
    Limiter limiter = limpet.get(Limiter.class, "ann");
    for (int left = 99; left >= 0; left--) {
      assertThat(limiter.tryAcquire(1)).isEqualTo(new Permit(true, left));
    }
    assertThat(limiter.tryAcquire(1)).isEqualTo(new Permit(false, 0));
  }

  @Test
  void morePermitsThanAreLeft_takeNone() throws InvalidAmount {
    Limiter limiter = limpet.get(Limiter.class, "ann");
    limiter.tryAcquire(98);
    assertThat(limiter.tryAcquire(3)).isEqualTo(new Permit(false, 2));
    assertThat(limiter.tryAcquire(Long.MAX_VALUE)).isEqualTo(new Permit(false, 2));
    assertThat(limiter.tryAcquire(2)).isEqualTo(new Permit(true, 0));
  }

  @Test
  void window_endsOneHourAfterTheFirstPermit() throws InvalidAmount {
    Limiter limiter = limpet.get(Limiter.class, "ann");
    limiter.tryAcquire(60);
    clock.advance(Duration.ofMinutes(59));
    assertThat(limiter.tryAcquire(40)).isEqualTo(new Permit(true, 0));
    clock.advance(Duration.ofSeconds(59));
    assertThat(limiter.tryAcquire(1)).isEqualTo(new Permit(false, 0));
    clock.advance(Duration.ofSeconds(1));
    assertThat(limiter.tryAcquire(1)).isEqualTo(new Permit(true, 99));
  }

  @Test
  void refusedRequest_opensNoWindow() throws InvalidAmount {
    Limiter limiter = limpet.get(Limiter.class, "ann");
    assertThat(limiter.tryAcquire(101)).isEqualTo(new Permit(false, 100));
    clock.advance(Duration.ofMinutes(30));
    limiter.tryAcquire(100);
    clock.advance(Duration.ofMinutes(45));
    assertThat(limiter.tryAcquire(1)).isEqualTo(new Permit(false, 0));
  }

  @Test
  void permitsNotPositive_areRefused() {
    Limiter limiter = limpet.get(Limiter.class, "ann");
    assertThatThrownBy(() -> limiter.tryAcquire(0)).isInstanceOf(InvalidAmount.class);
    assertThatThrownBy(() -> limiter.tryAcquire(-7)).isInstanceOf(InvalidAmount.class);
  }
}
