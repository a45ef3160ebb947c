package dev.limpet.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All that two well-behaved nodes do, under TLS; keys change after each megabyte. */
@Timeout(60)
class TlsTransportTest extends TransportTest {
  private static final Map<String, Tls> BY_NAME = new ConcurrentHashMap<>();

  @BeforeAll
  static void secure(@TempDir Path directory) throws Exception {
    TestCa ca = new TestCa("test");
    Peers.secure(name -> BY_NAME.computeIfAbsent(name, n -> open(ca, directory, n)));
    // The first handshake of a JVM takes long.
    try (Transport a = Peers.node("a", Peers.ECHO);
        Transport b = Peers.node("b", Peers.ECHO)) {
      assertThat(Peers.link(a, b).call(1, Frame.EMPTY, 30 * Peers.SECOND)).isEmpty();
    }
  }

  private static Tls open(TestCa ca, Path directory, String name) {
    try {
      return Tls.openUnwatched(ca.good(directory, name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void noLonger() {
    Peers.secure(null);
    BY_NAME.clear();
  }
}
