package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.link;
import static dev.limpet.transport.Peers.node;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that no Limpet node sends: the connection is closed and counted, the node lives. */
@Timeout(30)
class HostileTest {
  interface Script {
    void write(DataOutputStream out) throws IOException;
  }

  static Stream<Arguments> firstBytes() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    byte[] random = new byte[200];
    new Random(seed).nextBytes(random);
    random[0] = (byte) 0xFF; // not L, not P
    return Stream.of(
        Arguments.of("random bytes", random),
        Arguments.of("Java serialization", HexFormat.of().parseHex("aced00057372")),
        Arguments.of("TLS client hello", HexFormat.of().parseHex("16030100c8010000c40303")),
        Arguments.of("HTTP/1", utf8("GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
        Arguments.of("HTTP/1 POST, like the preface at first", utf8("POST / HTTP/1.1\r\n\r\n")),
        Arguments.of("nearly HTTP/2", utf8("PRI * HTTP/1.0\r\n\r\nSM\r\n\r\n")),
        Arguments.of("one wrong byte", utf8("LMPX")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("firstBytes")
  void wrongFirstBytes_areClosedAtOnce(String name, byte[] bytes) throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      socket.getOutputStream().write(bytes);
      assertThat(readToEnd(socket)).isEmpty();
      assertHostile(b, 1);
    }
  }

  static Stream<Arguments> frames() {
    return Stream.of(
        frame("negative length", out -> RawPeer.writeHeader(out, -1, Frame.REQUEST, 1, 1)),
        frame(
            "smallest length",
            out -> RawPeer.writeHeader(out, Integer.MIN_VALUE, Frame.REQUEST, 1, 1)),
        frame(
            "huge length", out -> RawPeer.writeHeader(out, Integer.MAX_VALUE, Frame.REQUEST, 1, 1)),
        frame(
            "one byte too long",
            out -> RawPeer.writeHeader(out, (2 << 20) - 15, Frame.REQUEST, 1, 1)),
        frame("unknown type", out -> RawPeer.writeHeader(out, 0, 99, 1, 1)),
        frame("an answer to nothing", out -> RawPeer.writeHeader(out, 0, Frame.REPLY, 1, 1)));
  }

  private static Arguments frame(String name, Script script) {
    return Arguments.of(name, script);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("frames")
  void wrongFrames_areClosedAtOnce(String name, Script script) throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      RawPeer.writeHello(out, Opening.VERSION, "raw");
      RawPeer.readHello(new DataInputStream(socket.getInputStream()));
      script.write(out);
      assertThat(readToEnd(socket)).isEmpty();
      assertHostile(b, 1);
    }
  }

  @Test
  void wrongVersion_isRefusedWithTheReason() throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      RawPeer.writeHello(new DataOutputStream(socket.getOutputStream()), 77, "raw");
      assertThat(text(readToEnd(socket))).contains("protocol version 77");
      assertThat(b.stats().refusals()).isEqualTo(1);
      assertLives(b);
    }
  }

  @Test
  void truncatedHello_isHostile() throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeBytes("LMPT");
      out.writeInt(Opening.VERSION << 16);
      out.writeInt(100);
      out.writeBytes("too short");
      socket.shutdownOutput();
      assertThat(readToEnd(socket)).isEmpty();
      assertHostile(b, 1);
    }
  }

  @Test
  void hugeHello_isHostile() throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeBytes("LMPT");
      out.writeInt(Opening.VERSION << 16);
      out.writeInt(Integer.MAX_VALUE);
      assertThat(readToEnd(socket)).isEmpty();
      assertHostile(b, 1);
    }
  }

  @Test
  void halfAHello_isClosedWhenItsTimeIsOver() throws Exception {
    TransportConfig impatient =
        Peers.config()
            .withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(1));
    try (Transport b = node("b", ECHO, impatient);
        Socket socket = RawPeer.connect(b)) {
      socket.getOutputStream().write(utf8("LM"));
      assertThat(readToEnd(socket)).isEmpty();
      assertThat(b.stats().refusals()).isEqualTo(1);
      assertLives(b);
    }
  }

  @Test
  void connectionWithoutAByte_isNotHostile() throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      socket.shutdownOutput();
      assertThat(readToEnd(socket)).isEmpty();
      assertHostile(b, 0);
    }
  }

  @Test
  void tooManyWithoutHello_areClosed_andRoomIsMadeWhenTheyLeave() throws Exception {
    try (Transport b = node("b", ECHO, Peers.config().withConnectionsMax(100, 3, 1))) {
      Socket[] silent = new Socket[3];
      for (int i = 0; i < 3; i++) {
        silent[i] = RawPeer.connect(b);
      }
      try (Socket fourth = RawPeer.connect(b)) {
        assertThat(readToEnd(fourth)).isEmpty();
      }
      assertThat(b.stats().refusals()).isEqualTo(1);
      for (Socket each : silent) {
        each.shutdownOutput();
        assertThat(readToEnd(each)).isEmpty();
        each.close();
      }
      assertLives(b);
    }
  }

  @Test
  void hostileServer_failsItsCallers_andTheNodeLives() throws Exception {
    try (RawPeer peer =
            RawPeer.listening((socket, in, out) -> {
              RawPeer.greet(in, out);
              in.skipNBytes(Frame.HEADER_BYTES);
              RawPeer.writeHeader(out, Integer.MAX_VALUE, Frame.REPLY, 0, 1);
              in.read();
            });
        Transport a = node("a", ECHO)) {
      Link link = a.link("127.0.0.1", peer.port());
      LinkException e =
          catchThrowableOfType(LinkException.class, () -> link.call(1, Frame.EMPTY, 10 * SECOND));
      assertThat(e.reason()).isEqualTo(LinkException.Reason.LOST);
      assertThat(e.mayHaveRun()).isTrue();
      assertHostile(a, 1);
    }
  }

  /** Everything until the other side closes, however it does. */
  private static byte[] readToEnd(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      int b;
      while ((b = socket.getInputStream().read()) >= 0) {
        all.write(b);
      }
    } catch (SocketException e) { // closed with bytes unread: a reset
      assertThat(e).hasMessageContaining("reset");
    }
    return all.toByteArray();
  }

  private static void assertHostile(Transport node, int times) throws IOException {
    assertThat(node.stats().hostile()).isEqualTo(times);
    assertLives(node);
  }

  private static void assertLives(Transport node) throws IOException {
    try (Transport friend = node("friend", ECHO)) {
      // One call after the other, for room for its connection may only just be made.
      LinkException last = null;
      for (int i = 0; i < 1000; i++) {
        try {
          assertThat(text(link(friend, node).call(1, utf8("alive"), SECOND))).isEqualTo("alive");
          return;
        } catch (LinkException e) {
          last = e;
          link(friend, node).close();
        }
      }
      throw new AssertionError("the node serves nobody any more", last);
    }
  }
}
