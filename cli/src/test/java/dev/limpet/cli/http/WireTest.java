package dev.limpet.cli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WireTest {
  private HttpServer server;

  /** Says what it was asked; in chunks under /chunked, with a length elsewhere. */
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String text =
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + body
                  + " "
                  + exchange.getRequestHeaders().getFirst("Idempotency-Key")
                  + " "
                  + exchange.getRequestHeaders().getFirst("Limpet-Deadline-Ms");
          byte[] answer = text.getBytes(StandardCharsets.UTF_8);
          boolean chunked = exchange.getRequestURI().getPath().startsWith("/chunked");
          boolean none = exchange.getRequestURI().getPath().startsWith("/none");
          exchange.sendResponseHeaders(none ? 204 : 200, none ? -1 : chunked ? 0 : answer.length);
          if (!none) {
            exchange.getResponseBody().write(answer);
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Wire connect() throws IOException {
    return Wire.connect("127.0.0.1:" + server.getAddress().getPort(), 1_000);
  }

  @Test
  void requests_followEachOtherOnOneConnection() throws IOException {
    try (Wire wire = connect()) {
      assertThat(
              wire.post("/v1/counter/é/add".replace("é", "%C3%A9"), "{\"n\":\"é\"}", "k", 700)
                  .body())
          .isEqualTo("POST /v1/counter/%C3%A9/add {\"n\":\"é\"} k 700");
      assertThat(wire.post("/none", "", null, 700)).isEqualTo(new Wire.Reply(204, ""));
      assertThat(wire.get("/chunked", 700).body()).isEqualTo("GET /chunked  null null");
      assertThat(wire.get("/last", 700).status()).isEqualTo(200);
      assertThat(wire.isOpen()).isTrue();
    }
  }

  @Test
  void answerThatIsNotHttp_isRefusedAndTheConnectionIsClosed() throws Exception {
    try (ServerSocket strange = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread talks =
          Thread.ofVirtual()
              .start(() -> {
                try (var connection = strange.accept()) {
                  connection
                      .getOutputStream()
                      .write("SSH-2.0-x\n".getBytes(StandardCharsets.US_ASCII));
                  connection.getInputStream().readAllBytes();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      try (Wire wire = Wire.connect("127.0.0.1:" + strange.getLocalPort(), 1_000)) {
        assertThatThrownBy(() -> wire.get("/", 5_000))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("not an HTTP");
        assertThat(wire.isOpen()).isFalse();
      }
      talks.join();
    }
  }
}
