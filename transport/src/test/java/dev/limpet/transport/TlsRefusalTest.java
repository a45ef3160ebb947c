package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.link;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is no node of this cluster is refused, on either side, with the reason in the log, once; and the node lives. */
@Timeout(60)
class TlsRefusalTest {
  private static final TestCa OURS = new TestCa("ours");
  private static final TestCa OTHER = new TestCa("other");

  @TempDir private Path directory;
  private final TransportLog log = TransportLog.open();
  private Tls tls;
  private Transport node;

  /** Writes a certificate into a directory. */
  interface Making {
    Path in(Path directory);
  }

  @BeforeEach
  void start() throws Exception {
    tls = Tls.openUnwatched(OURS.good(directory, "b"));
    node = Peers.node("b", ECHO, Peers.config(), tls);
  }

  @AfterEach
  void stop() {
    node.close();
    tls.close();
    log.close();
  }

  static Stream<Arguments> wrongCertificates() {
    return Stream.of(
        wrong(
            "another CA", OTHER.draft("n")::in, "signed by none of the CAs in this node's ca.pem"),
        wrong(
            "a CA that only calls itself ours",
            new TestCa("ours").draft("n")::in,
            "signed by none of the CAs in this node's ca.pem, though one has that name"),
        wrong(
            "another cluster", OURS.draft("n").uri("limpet://den/n")::in, "it is for cluster den"),
        wrong("expired", OURS.draft("n").expired()::in, "it expired at "),
        wrong("not yet valid", OURS.draft("n").notYetValid()::in, "it is not valid before "),
        wrong("names no node", OURS.draft("n").uri("")::in, "it names no node of a cluster"),
        wrong(
            "names a node that is none",
            OURS.draft("n").uri("limpet://lab/n/x")::in,
            "not of the form"));
  }

  private static Arguments wrong(String name, Making making, String why) {
    return Arguments.of(name, making, why);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongCertificates")
  void wrongCertificateOfACaller_isRefused_loggedOnceAndCounted(
      String name, Making making, String why) throws Exception {
    Path certificate = making.in(directory.resolve("wrong"));
    for (int i = 0; i < 3; i++) {
      try (SSLSocket socket = RawTls.connect(node, certificate)) {
        assertThat(answerTo(socket, "n")).isEmpty();
      }
    }
    assertThat(log.lines()).singleElement().asString().contains(why).contains("refuses");
    assertThat(node.stats().refusals()).isEqualTo(3);
    assertThat(node.stats().tlsRefusals()).isEqualTo(3);
    assertThat(node.stats().accepts()).isZero();
    assertLives();
  }

  @Test
  void callerWithoutACertificate_isRefused() throws Exception {
    try (SSLSocket socket = RawTls.connect(node, null)) {
      assertThat(answerTo(socket, "n")).isEmpty();
    }
    assertRefusedOnce("refuses");
  }

  @Test
  void callerWhoseHelloNamesAnotherNode_isRefusedAndTold() throws Exception {
    try (SSLSocket socket = RawTls.connect(node, OURS.good(directory, "n1"))) {
      assertThat(answerTo(socket, "n2")).contains("its certificate is for n1, not for n2");
    }
    assertThat(log.lines()).singleElement().asString().contains("not for n2");
    assertThat(node.stats().refusals()).isEqualTo(1);
    assertLives();
  }

  @Test
  void callerWithTheRightCertificate_isAnswered() throws Exception {
    try (SSLSocket socket = RawTls.connect(node, OURS.good(directory, "n1"))) {
      RawPeer.writeHello(new DataOutputStream(socket.getOutputStream()), Opening.VERSION, "n1");
      assertThat(socket.getInputStream().readNBytes(13)).endsWith(utf8("b"));
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }
    assertThat(node.stats().refusals()).isZero();
  }

  @Test
  void oldTls_isRefused() throws Exception {
    try (SSLSocket socket = RawTls.connect(node, OURS.good(directory, "n1"), "TLSv1.2")) {
      assertThat(answerTo(socket, "n1")).isEmpty();
    }
    assertRefusedOnce("TLSv1.2");
  }

  @Test
  void oldProtocolOfOurs_isRefusedAndTold() throws Exception {
    try (SSLSocket socket = RawTls.connect(node, OURS.good(directory, "n1"))) {
      RawPeer.writeHello(new DataOutputStream(socket.getOutputStream()), 77, "n1");
      assertThat(readToEnd(socket)).contains("protocol version 77");
    }
    assertThat(log.lines()).singleElement().asString().contains("protocol version 77");
    assertThat(node.stats().refusals()).isEqualTo(1);
    assertLives();
  }

  @Test
  void callerWithoutTls_isRefusedAndTold() throws Exception {
    try (Transport plain = Peers.node("n1", ECHO)) {
      LinkException e = refusedBy(plain, node);
      assertThat(e).hasMessageContaining("this port takes TLS only");
      assertThat(plain.stats().refusals()).isEqualTo(1);
    }
    assertThat(log.lines()).anyMatch(line -> line.contains("it came without TLS"));
    assertThat(node.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  @Test
  void engineWithoutTls_isRefused() throws Exception {
    try (Socket socket = RawPeer.connect(node)) {
      socket.getOutputStream().write(utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
      assertThat(readToEnd(socket)).contains("this port takes TLS only");
    }
    assertRefusedOnce("it came without TLS");
  }

  @Test
  void callerWithTls_atANodeWithoutIt_isRefused_andBothSay() throws Exception {
    try (Transport plain = Peers.node("n1", ECHO)) {
      LinkException e = refusedBy(node, plain);
      assertThat(e).hasMessageContaining("perhaps the other side has no TLS");
      assertThat(plain.stats().hostile()).isEqualTo(1);
      assertThat(log.lines()).singleElement().asString().contains("this node has none (--tls)");
    }
  }

  static Stream<Arguments> wrongServers() {
    return Stream.concat(
        wrongCertificates(),
        Stream.of(
            wrong("for another host", OURS.draft("n").host("elsewhere.example")::in, "localhost")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongServers")
  void wrongCertificateOfADialedNode_isRefused_loggedOnceAndCounted(
      String name, Making making, String why) throws Exception {
    try (SSLServerSocket server = RawTls.listen(making.in(directory.resolve("wrong")))) {
      Thread unused = greetingAll(server, "n");
      Link link = node.link(Transport.loopback(server.getLocalPort()));
      for (int i = 0; i < 2; i++) {
        LinkException e =
            catchThrowableOfType(LinkException.class, () -> link.call(1, utf8("x"), 10 * SECOND));
        assertThat(e.reason()).isEqualTo(LinkException.Reason.HELLO_REFUSED);
        assertThat(e.mayHaveRun()).isFalse();
        assertThat(e).hasMessageContaining(why);
      }
      assertThat(log.lines()).singleElement().asString().contains(why);
      assertThat(node.stats().tlsRefusals()).isPositive();
      assertThat(node.stats().connects()).isZero();
    }
    assertLives();
  }

  @Test
  void dialedNodeWhoseHelloNamesAnother_isRefused() throws Exception {
    try (SSLServerSocket server = RawTls.listen(OURS.good(directory, "n1"))) {
      Thread unused = greetingAll(server, "n2");
      Link link = node.link(Transport.loopback(server.getLocalPort()));
      LinkException e =
          catchThrowableOfType(LinkException.class, () -> link.call(1, utf8("x"), 10 * SECOND));
      assertThat(e.reason()).isEqualTo(LinkException.Reason.HELLO_REFUSED);
      assertThat(e).hasMessageContaining("its certificate is for n1, not for n2");
    }
  }

  @Test
  void nodeThatIsRefused_isToldSo() throws Exception {
    // It trusts the other; the other does not trust it.
    Path mine = OTHER.draft("a").trusting(OTHER, OURS).in(directory.resolve("a"));
    try (Tls foreign = Tls.openUnwatched(mine);
        Transport a = Peers.node("a", ECHO, Peers.config(), foreign)) {
      LinkException e = refusedBy(a, node);
      assertThat(e.reason()).isEqualTo(LinkException.Reason.HELLO_REFUSED);
      assertThat(e).hasMessageContaining("refuses this node's certificate");
      assertThat(e.mayHaveRun()).isFalse();
    }
    assertThat(node.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  private static LinkException refusedBy(Transport from, Transport to) {
    return catchThrowableOfType(
        LinkException.class, () -> link(from, to).call(1, utf8("x"), 10 * SECOND));
  }

  private void assertRefusedOnce(String why) throws Exception {
    assertThat(log.lines()).singleElement().asString().contains(why);
    assertThat(node.stats().refusals()).isEqualTo(1);
    assertThat(node.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  private void assertLives() throws Exception {
    try (Tls friendly = Tls.openUnwatched(OURS.good(directory, "friend"));
        Transport friend = Peers.node("friend", ECHO, Peers.config(), friendly)) {
      assertThat(text(link(friend, node).call(1, utf8("alive"), 30 * SECOND))).isEqualTo("alive");
    }
  }

  /** Says hello, and reads what comes until the other side closes, however it does. */
  private static String answerTo(SSLSocket socket, String name) {
    try {
      RawPeer.writeHello(new DataOutputStream(socket.getOutputStream()), Opening.VERSION, name);
    } catch (IOException e) {
      return ""; // refused in the handshake
    }
    return readToEnd(socket);
  }

  static String readToEnd(Socket socket) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      int b;
      while ((b = socket.getInputStream().read()) >= 0) {
        all.write(b);
      }
    } catch (IOException e) { // an alert, or closed with bytes unread
      return text(all.toByteArray());
    }
    return text(all.toByteArray());
  }

  /** Greets every caller and then listens to it until it ends. */
  private static Thread greetingAll(SSLServerSocket server, String name) {
    return Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
              RawPeer.readHello(new DataInputStream(socket.getInputStream()));
              RawPeer.writeHello(
                  new DataOutputStream(socket.getOutputStream()), Opening.VERSION, name);
              readToEnd(socket);
            } catch (IOException e) {
              continue; // refused by the node, or the test is over
            }
          }
        });
  }
}
