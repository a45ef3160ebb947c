package dev.limpet.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
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
    assertThat(log.warn(one, "second", 4 + minute)).isFalse();
    assertThat(log.warn(other, "first of another", 6)).isTrue();
    assertThat(log.warn(one, "third", 5 + minute)).isTrue();
  }
}
