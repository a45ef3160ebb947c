package dev.limpet.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ClusterClientTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          200 | 5                                        | Done
          204 | ''                                       | Done
          503 | {"code":"LMP-2004","executed":"no"}      | NotRun
          503 | {"code":"LMP-2002","executed":"unknown"} | Unknown
          504 | {"code":"LMP-2001","executed":"unknown"} | Unknown
          500 | {"code":"LMP-3001"}                      | Unknown
          404 | {"code":"LMP-1003"}                      | NotRun
          429 | {"code":"LMP-2005","executed":"no"}      | NotRun
          502 | <html>                                   | Unknown
          400 | <html>                                   | NotRun
          """)
  void answer_saysWhetherTheCallRan(int status, String body, String outcome) {
    assertThat(ClusterClient.outcome(new Wire.Reply(status, body)).getClass().getSimpleName())
        .isEqualTo(outcome);
  }

  @Test
  void nobodyThere_didNotRunAndTheNextNodeIsAsked() throws IOException {
    String nobody;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = "127.0.0.1:" + free.getLocalPort();
    }
    try (ClusterClient client = new ClusterClient(List.of(nobody, "127.0.0.1:2"), 0, 1_000)) {
      assertThat(client.call("counter", "a", "add", "{}", null))
          .isInstanceOf(CallOutcome.NotRun.class);
      assertThat(client.node()).isEqualTo("127.0.0.1:2");
    }
  }

  @Test
  void nodeThatIsSilent_isPassedOverInTheNextRounds() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket silent = new ServerSocket(0, 8, loopback);
        ClusterClient client =
            new ClusterClient(
                List.of("127.0.0.1:" + silent.getLocalPort(), "127.0.0.1:2", "127.0.0.1:3"),
                0,
                50)) {
      assertThat(client.call("counter", "a", "add", "{}", null))
          .isInstanceOf(CallOutcome.Unknown.class);
      for (String node : List.of("127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:2")) {
        assertThat(client.node()).isEqualTo(node);
        assertThat(client.call("counter", "a", "add", "{}", null))
            .isInstanceOf(CallOutcome.NotRun.class);
      }
    }
  }

  @Test
  void nodesThatAreAllSilent_areStillAsked() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket one = new ServerSocket(0, 8, loopback);
        ServerSocket other = new ServerSocket(0, 8, loopback);
        ClusterClient client =
            new ClusterClient(
                List.of("127.0.0.1:" + one.getLocalPort(), "127.0.0.1:" + other.getLocalPort()),
                0,
                50)) {
      for (int call = 0; call < 4; call++) {
        assertThat(client.node())
            .isEqualTo("127.0.0.1:" + (call % 2 == 0 ? one : other).getLocalPort());
        assertThat(client.call("counter", "a", "add", "{}", null))
            .isInstanceOf(CallOutcome.Unknown.class);
      }
    }
  }

  @Test
  void connectionThatBreaksAfterTheRequest_leavesTheOutcomeUnknown() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread hangsUp =
          Thread.ofVirtual()
              .start(() -> {
                try (var connection = server.accept()) {
                  byte[] some = connection.getInputStream().readNBytes(20);
                  assertThat(new String(some, StandardCharsets.US_ASCII))
                      .startsWith("POST /v1/counter/a");
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      try (ClusterClient client =
          new ClusterClient(List.of("127.0.0.1:" + server.getLocalPort()), 0, 5_000)) {
        assertThat(client.call("counter", "a", "add", "{}", null))
            .isInstanceOf(CallOutcome.Unknown.class);
      }
      hangsUp.join();
    }
  }
}
