package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.door.EdgeProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no request, and what means two things: refused, and the next client is served. */
@Timeout(30)
final class HostileTest {
  private static final EdgeSettings IMPATIENT =
      Edges.SETTINGS
          .withTimes(
              Duration.ofMillis(300),
              Duration.ofMillis(300),
              Duration.ofMillis(300),
              Duration.ofMillis(300))
          .withBounds(4, 2, 2);

  private final FakeDoor door = new FakeDoor();
  private EdgeProvider.Edge edge;

  @BeforeEach
  void open() {
    edge = Edges.open(door);
  }

  @AfterEach
  void closeEdge() {
    edge.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n\r\n",
        "hello\r\n\r\n",
        "POST /v1/account/a/add\r\n\r\n",
        "POST /v1/account/a b/add HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1 x\r\nHost: h\r\n\r\n",
        "POST  /v1/account/a/add HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /v1/account/a/add HTTP/3.0\r\nHost: h\r\n\r\n",
        "PO\u0000ST /v1/account/a/add HTTP/9\r\nHost: h\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nName : x\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nX: a\u0000b\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\nHost: h\n\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n[1]",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\n[1]",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n[1]",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\n[1]",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\n[1]",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[1]\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\n[1]\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\n[1]\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff3\r\n[1]\r\n0\r\n\r\n",
        "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\n Folded: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /v1/account/a#x HTTP/1.1\r\nHost: h\r\n\r\n",
      })
  void request_thatIsNoneOrTwo_isRefusedAndTheNextIsServed(String text) throws IOException {
    try (Wire wire = new Wire(edge.address())) {
      wire.send(text);
      Wire.Answer answer = wire.answer();
      assertThat(answer.status()).as(answer.toString()).isIn(400, 501, 505);
      assertThat(answer.code()).isEqualTo("LMP-1000");
    }
    assertThat(door.calls).isEmpty();
    assertServes();
  }

  @Test
  void request_ofHttp10_isRefusedWith505() throws IOException {
    try (Wire wire = new Wire(edge.address())) {
      wire.send("POST /v1/account/a/add HTTP/1.0\r\nContent-Length: 3\r\n\r\n[1]");
      assertThat(wire.answer().status()).isEqualTo(505);
    }
    assertServes();
  }

  @Test
  void smuggledRequest_afterBothLengths_isNeverCarriedOut() throws IOException {
    try (Wire wire = new Wire(edge.address())) {
      wire.send(
          "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "0\r\n\r\nPOST /v1/account/smuggled/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n[1]");
      assertThat(wire.answer().status()).isEqualTo(400);
      wire.socket.shutdownOutput();
      assertThat(wire.ended()).isTrue();
    }
    assertThat(door.calls).isEmpty();
  }

  @Test
  void garbage_ofAllKinds_leavesTheEdgeServing() throws IOException {
    byte[] serialized =
        HexFormat.of().parseHex("aced0005737200116a6176612e7574696c2e486173684d6170");
    byte[] tls = HexFormat.of().parseHex("160301020001000001fc0303");
    long seed = 20261122;
    Random random = new Random(seed);
    List<byte[]> all = new ArrayList<>(List.of(serialized, tls, new byte[100_000]));
    for (int i = 0; i < 50; i++) {
      byte[] noise = new byte[random.nextInt(1, 2_000)];
      random.nextBytes(noise);
      all.add(noise);
    }
    System.out.println("seed " + seed);
    for (byte[] bytes : all) {
      try (Wire wire = new Wire(edge.address())) {
        wire.send(bytes);
        wire.socket.shutdownOutput();
        drain(wire);
      }
    }
    assertThat(door.calls).isEmpty();
    assertServes();
  }

  private static void drain(Wire wire) {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try {
      wire.socket.getInputStream().transferTo(got);
    } catch (IOException e) {
      // a reset is an answer too
      assertThat(e).isNotNull();
    }
    // whatever it says to noise, it is no success
    assertThat(got.toString(java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("HTTP/1.1 2");
  }

  @Test
  void connection_thatSaysNothing_isClosed() throws IOException {
    try (EdgeProvider.Edge impatient = Edges.open(door, IMPATIENT);
        Wire wire = new Wire(impatient.address())) {
      assertThat(wire.ended()).isTrue();
    }
  }

  @Test
  void head_drippedByteByByte_isCutOff() throws IOException {
    try (EdgeProvider.Edge impatient = Edges.open(door, IMPATIENT);
        Wire wire = new Wire(impatient.address())) {
      assertThat(cutOffWhile(wire, "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nX: ", "y"))
          .isTrue();
    }
    assertThat(door.calls).isEmpty();
  }

  @Test
  void body_drippedByteByByte_isCutOff() throws IOException {
    try (EdgeProvider.Edge impatient = Edges.open(door, IMPATIENT);
        Wire wire = new Wire(impatient.address())) {
      String head = "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n";
      assertThat(cutOffWhile(wire, head, " ")).isTrue();
    }
    assertThat(door.calls).isEmpty();
  }

  /** Sends the drip over and over, until the server has had enough of it. */
  private static boolean cutOffWhile(Wire wire, String start, String drip) throws IOException {
    wire.send(start);
    wire.socket.setSoTimeout(20);
    for (int i = 0; i < 1000; i++) {
      try {
        wire.send(drip);
        if (wire.socket.getInputStream().read() < 0) {
          return true;
        }
      } catch (java.net.SocketTimeoutException e) {
        assertThat(e).as("nothing yet").isNotNull();
      } catch (IOException e) {
        return true;
      }
    }
    return false;
  }

  @Test
  void connection_idleAfterARequest_isClosed() throws IOException {
    try (EdgeProvider.Edge impatient = Edges.open(door, IMPATIENT);
        Wire wire = new Wire(impatient.address())) {
      assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
      assertThat(wire.ended()).isTrue();
    }
  }

  @Test
  void answer_thatNobodyTakes_isCutOff() throws IOException {
    String large = "x".repeat(32 << 20);
    door.behaviour = call -> large;
    Duration read = Duration.ofMillis(600);
    EdgeSettings settings = IMPATIENT.withTimes(read, read, read, Duration.ofMillis(200));
    try (EdgeProvider.Edge impatient = Edges.open(door, settings);
        Wire wire = new Wire(impatient.address())) {
      wire.send(
          "POST /v1/account/a/note HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\n{\"text\":\"t\"}");
      assertThat(wire.socket.getInputStream().read()).isEqualTo('H');
      // another connection is closed for its silence meanwhile, which takes longer
      try (Wire other = new Wire(impatient.address())) {
        assertThat(other.ended()).isTrue();
      }
      long got = 0;
      try {
        got = wire.socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      } catch (IOException e) {
        assertThat(e).as("reset").isNotNull();
      }
      assertThat(got).isLessThan(large.length());
    }
  }

  @Test
  void connections_beyondTheBound_areTold429() throws IOException {
    EdgeSettings few = Edges.SETTINGS.withBounds(2, 2, 2);
    try (EdgeProvider.Edge small = Edges.open(door, few);
        Wire one = new Wire(small.address());
        Wire two = new Wire(small.address())) {
      assertThat(one.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
      assertThat(two.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
      try (Wire three = new Wire(small.address())) {
        Wire.Answer answer = three.answer();
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.code()).isEqualTo("LMP-2005");
        assertThat(answer.header("Retry-After")).isEqualTo("1");
      }
      // those within go on
      assertThat(one.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
    }
  }

  private void assertServes() throws IOException {
    try (Wire wire = new Wire(edge.address())) {
      assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
    }
  }
}
