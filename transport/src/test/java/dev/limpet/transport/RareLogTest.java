package dev.limpet.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A flood of bad connections floods no log. */
class RareLogTest {
  @Test
  void warn_onceAMinuteForEachAddress() throws Exception {
    RareLog log = new RareLog(System.getLogger("test"));
    InetAddress one = InetAddress.ofLiteral("127.0.0.1");
    InetAddress other = InetAddress.ofLiteral("127.0.0.2");
    long minute = TimeUnit.MINUTES.toNanos(1);
    assertThat(log.warn(one, "first", 5)).isTrue();
    assertThat(log.warn(one, "first", 4 + minute)).isFalse();
    assertThat(log.warn(other, "first of another", 6)).isTrue();
    assertThat(log.warn(one, "first", 5 + minute)).isTrue();
  }

  @Test
  void anotherReason_isLogged_butNoMoreThanEight_andNumbersMakeNone() {
    RareLog log = new RareLog(System.getLogger("test"));
    InetAddress one = InetAddress.ofLiteral("127.0.0.1");
    assertThat(log.warn(one, "expired, from port 4711", 1)).isTrue();
    assertThat(log.warn(one, "expired, from port 4712", 2)).isFalse();
    for (String reason : List.of("a", "b", "c", "d", "e", "f", "g")) {
      assertThat(log.warn(one, reason, 3)).isTrue();
      assertThat(log.warn(one, reason, 4)).isFalse();
    }
    assertThat(log.warn(one, "a ninth", 5)).isFalse();
  }
}
