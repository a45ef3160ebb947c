package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.node.door.EdgeProvider;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
final class LifecycleTest {
  private final FakeDoor door = new FakeDoor();

  @Test
  void provider_isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(EdgeProvider.class))
        .hasExactlyElementsOfTypes(HttpEdgeProvider.class);
  }

  @Test
  void open_onAPortInUse_saysWhichAndWhatToDo() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      HttpEdgeProvider provider = new HttpEdgeProvider();
      assertThatThrownBy(() ->
              provider.open("127.0.0.1:" + other.getLocalPort(), false, door, provider.registry()))
          .isInstanceOfSatisfying(
              StartFailed.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.PORT_IN_USE);
                assertThat(e)
                    .hasMessage(
                        "port "
                            + other.getLocalPort()
                            + " of 127.0.0.1 is in use; choose another with --http or stop the other program");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:0", "[::]:0", "192.0.2.1:7101", "10.0.0.1:0"})
  void open_toOthers_isRefusedWithoutInsecure(String address) {
    HttpEdgeProvider provider = new HttpEdgeProvider();
    assertThatThrownBy(() -> provider.open(address, false, door, provider.registry()))
        .isInstanceOfSatisfying(
            StartFailed.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SETTING))
        .hasMessageContaining("--insecure");
  }

  @Test
  void open_toOthers_insecure_serves() throws IOException {
    HttpEdgeProvider provider = new HttpEdgeProvider(Edges.SETTINGS);
    try (EdgeProvider.Edge edge = provider.open("0.0.0.0:0", true, door, provider.registry());
        Wire wire = new Wire(edge.address())) {
      assertThat(wire.request("GET", "/healthz").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1",
        "127.0.0.1:",
        ":7101",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "::1:7101",
        "127.0.0.1:-1"
      })
  void open_onWhatIsNoAddress_isRefused(String address) {
    HttpEdgeProvider provider = new HttpEdgeProvider();
    assertThatThrownBy(() -> provider.open(address, false, door, provider.registry()))
        .isInstanceOfSatisfying(
            StartFailed.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SETTING));
  }

  @Test
  void open_onAnAddressOfAnotherMachine_isNoPortInUse() {
    HttpEdgeProvider provider = new HttpEdgeProvider(Edges.SETTINGS);
    assertThatThrownBy(() -> provider.open("192.0.2.1:7101", true, door, provider.registry()))
        .isInstanceOfSatisfying(
            StartFailed.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SETTING));
  }

  @Test
  void metrics_ofAnotherRegistry_are404() throws IOException {
    try (EdgeProvider.Edge edge =
            new HttpEdgeProvider(Edges.SETTINGS)
                .open("127.0.0.1:0", false, door, new SimpleMeterRegistry());
        Wire wire = new Wire(edge.address())) {
      assertThat(wire.request("GET", "/metrics").code()).isEqualTo("LMP-1006");
    }
  }

  @Test
  void starting_tellsItsStateAndRefusesCallsAtOnce_untilItServes() throws Exception {
    HttpEdgeProvider provider = new HttpEdgeProvider(Edges.SETTINGS);
    try (EdgeProvider.Edge edge = provider.open("127.0.0.1:0", false, door, provider.registry());
        Wire wire = new Wire(edge.address())) {
      assertThat(wire.request("GET", "/healthz").status()).isEqualTo(200);
      assertThat(wire.request("GET", "/readyz").status()).isEqualTo(503);
      Wire.Answer refused = wire.post("/v1/account/a/add", "[1]");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.code()).isEqualTo(ErrorCode.NO_QUORUM.code());
      assertThat(refused.json().get("executed").asString()).isEqualTo("no");
      assertThat(refused.header("Retry-After")).isNotNull();
      edge.serving();
      assertThat(wire.request("GET", "/readyz").status()).isEqualTo(200);
    }
  }

  @Test
  void leaving_servesAsEverButAsksClientsToCloseAndIsNotReady() throws Exception {
    try (EdgeProvider.Edge edge = Edges.open(door)) {
      edge.leaving();
      for (int i = 0; i < 2; i++) {
        try (Wire wire = new Wire(edge.address())) {
          Wire.Answer healthy = wire.request("GET", "/healthz");
          assertThat(healthy.status()).isEqualTo(200);
          assertThat(healthy.header("Connection")).isEqualTo("close");
        }
      }
      try (Wire wire = new Wire(edge.address())) {
        Wire.Answer ready = wire.request("GET", "/readyz");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.code()).isEqualTo(ErrorCode.CLOSED.code());
      }
    }
  }

  @Test
  void close_whileACallRuns_letsItFinish() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    door.behaviour =
        call -> {
          running.countDown();
          go.await();
          return 42L;
        };
    EdgeProvider.Edge edge = Edges.open(door);
    String address = edge.address();
    try (Wire wire = new Wire(address)) {
      wire.send("POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n[1]");
      assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
      CompletableFuture<Void> closed = CompletableFuture.runAsync(edge::close);
      // it accepts no more, and still waits for the call
      assertThat(Edges.eventually(() -> !connects(address))).isTrue();
      assertThat(closed.isDone()).isFalse();
      go.countDown();
      Wire.Answer answer = wire.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEqualTo("close");
      closed.get(5, TimeUnit.SECONDS);
    }
  }

  private static boolean connects(String address) {
    try (Wire wire = new Wire(address)) {
      return wire.socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void close_whileACallHangs_isBounded() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    door.behaviour =
        call -> {
          running.countDown();
          new CountDownLatch(1).await();
          return 1L;
        };
    EdgeProvider.Edge edge =
        Edges.open(door, Edges.SETTINGS.withCloseGrace(Duration.ofMillis(200)));
    try (Wire wire = new Wire(edge.address())) {
      wire.send("POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n[1]");
      assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
      CompletableFuture.runAsync(edge::close).get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void close_withIdleConnections_isQuick_andTwiceIsOnce() throws Exception {
    EdgeProvider.Edge edge =
        Edges.open(door, Edges.SETTINGS.withCloseGrace(Duration.ofSeconds(30)));
    try (Wire wire = new Wire(edge.address())) {
      assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
      CompletableFuture.runAsync(edge::close).get(5, TimeUnit.SECONDS);
      edge.close();
      assertThat(wire.ended()).isTrue();
    }
  }

  @Test
  void client_thatGoesDuringACall_harmsNobody() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    door.behaviour =
        call -> {
          running.countDown();
          go.await();
          done.countDown();
          return 1L;
        };
    try (EdgeProvider.Edge edge = Edges.open(door)) {
      try (Wire wire = new Wire(edge.address())) {
        wire.socket.setSoLinger(true, 0);
        wire.send("POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n[1]");
        assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
      }
      go.countDown();
      assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
      try (Wire wire = new Wire(edge.address())) {
        assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
      }
    }
  }

  @Test
  void requests_beyondTheBound_are429_andTheNextIsServed() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    door.behaviour =
        call -> {
          running.countDown();
          go.await();
          return 1L;
        };
    try (EdgeProvider.Edge edge = Edges.open(door, Edges.SETTINGS.withBounds(10, 1, 1));
        Wire first = new Wire(edge.address())) {
      first.send("POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n[1]");
      assertThat(running.await(5, TimeUnit.SECONDS)).isTrue();
      try (Wire second = new Wire(edge.address())) {
        Wire.Answer answer = second.post("/v1/account/b/add", "[1]");
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.code()).isEqualTo("LMP-2005");
        assertThat(answer.json().get("executed").asString()).isEqualTo("no");
      }
      go.countDown();
      assertThat(first.answer().status()).isEqualTo(200);
      assertThat(first.post("/v1/account/c/add", "[1]").status()).isEqualTo(200);
    }
    assertThat(door.calls).hasSize(2);
  }

  @Test
  void connection_thatTheClientWantsClosed_isClosed() throws IOException {
    try (EdgeProvider.Edge edge = Edges.open(door);
        Wire wire = new Wire(edge.address())) {
      Wire.Answer answer = wire.post("/v1/account/a/add", "[1]", "Connection: close");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(wire.ended()).isTrue();
    }
  }
}
