package dev.limpet.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
  private static final HostNames HOSTS =
      new HostNames(
          List.of("n1.example", "*.pool.example"), List.of("10.0.0.1", "0:0:0:0:0:0:0:1"));

  @ParameterizedTest
  @CsvSource({
    "n1.example, true",
    "N1.Example, true",
    "n2.example, false",
    "x.n1.example, false",
    "a.pool.example, true",
    "pool.example, false",
    "a.b.pool.example, false",
    "10.0.0.1, true",
    "10.0.0.2, false",
    "::1, true",
    "[::1], true",
    "::2, false"
  })
  void host_isCompared_asNameOrAsAddress(String host, boolean included) {
    assertThat(HOSTS.include(host)).isEqualTo(included);
  }

  @ParameterizedTest
  @CsvSource({"n1.example", "10.0.0.1"})
  void certificateForNoHost_isForNone(String host) {
    assertThat(new HostNames(List.of(), List.of()).include(host)).isFalse();
  }
}
