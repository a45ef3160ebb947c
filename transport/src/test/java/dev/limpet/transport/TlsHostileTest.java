package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever comes to a port with TLS, and whatever is done to what passes: nothing happens, and the node lives. */
@Timeout(60)
class TlsHostileTest {
  private static final TestCa CA = new TestCa("ca");

  @TempDir private Path directory;
  private final AtomicInteger ran = new AtomicInteger();
  private Tls tlsOfA;
  private Tls tlsOfB;
  private Transport a;
  private Transport b;

  @BeforeEach
  void start() throws Exception {
    tlsOfA = Tls.openUnwatched(CA.good(directory, "a"));
    tlsOfB = Tls.openUnwatched(CA.good(directory, "b"));
    a = Peers.node("a", ECHO, Peers.config(), tlsOfA);
    Handler counting =
        in -> {
          ran.incrementAndGet();
          in.reply(in.body());
        };
    b = Peers.node("b", counting, Peers.config(), tlsOfB);
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
    tlsOfA.close();
    tlsOfB.close();
  }

  static Stream<Arguments> streams() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] noise = new byte[50_000];
    random.nextBytes(noise);
    noise[0] = (byte) 0xFF; // no TLS, no L, no P
    return Stream.of(
        Arguments.of("random bytes", noise),
        Arguments.of("random bytes in a TLS record", after("1603030400", 5_000, random)),
        Arguments.of("random bytes in a client hello", after("16030301000100", 3_000, random)),
        Arguments.of("a record too long", hex("160303ffff01")),
        Arguments.of("an alert", hex("15030300020228")),
        Arguments.of("encrypted data first", hex("17030300020000")),
        Arguments.of("HTTP", utf8("GET / HTTP/1.1\r\n\r\n")),
        Arguments.of("SSL 2", hex("802e0100020015000000100100800200800300")));
  }

  private static byte[] after(String begin, int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    byte[] first = hex(begin);
    System.arraycopy(first, 0, bytes, 0, first.length);
    return bytes;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  void hostileBytes_areClosedAndCounted(String name, byte[] bytes) throws Exception {
    try (Socket socket = RawPeer.connect(b)) {
      socket.getOutputStream().write(bytes);
      TlsRefusalTest.readToEnd(socket);
    }
    assertThat(b.stats().hostile() + b.stats().refusals()).isEqualTo(1);
    assertThat(b.stats().accepts()).isZero();
    assertLives();
  }

  @Test
  void portScan_isNotCounted() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Socket socket = RawPeer.connect(b)) {
        socket.shutdownOutput();
        assertThat(TlsRefusalTest.readToEnd(socket)).isEmpty();
      }
    }
    assertThat(b.stats().hostile() + b.stats().refusals()).isZero();
    assertLives();
  }

  @Test
  void halfAHandshake_isClosedWhenItsTimeIsOver() throws Exception {
    TransportConfig impatient =
        Peers.config()
            .withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(1));
    try (Transport c = Peers.node("b", ECHO, impatient, tlsOfB);
        Socket socket = RawPeer.connect(c)) {
      socket.getOutputStream().write(hex("16030304"));
      assertThat(TlsRefusalTest.readToEnd(socket)).isEmpty();
      assertThat(c.stats().refusals()).isEqualTo(1);
    }
  }

  @Test
  void handshakesUnderWay_areBounded_andDisturbNobodyWhoIsIn() throws Exception {
    TransportConfig narrow =
        Peers.config()
            .withConnectionsMax(100, 4, 4)
            .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(5));
    List<Socket> half = new ArrayList<>();
    try (Transport c = Peers.node("b", ECHO, narrow, tlsOfB)) {
      Link link = a.link(Transport.loopback(c.port()));
      assertThat(text(link.call(1, utf8("before"), 30 * SECOND))).isEqualTo("before");
      for (int i = 0; i < 4; i++) {
        Socket socket = RawPeer.connect(c);
        socket.getOutputStream().write(hex("16030304"));
        half.add(socket);
      }
      try (Socket fifth = RawPeer.connect(c)) {
        assertThat(TlsRefusalTest.readToEnd(fifth)).as("closed at once").isEmpty();
      }
      assertThat(c.stats().refusals()).isEqualTo(1);
      assertThat(text(link.call(1, utf8("during"), 30 * SECOND))).isEqualTo("during");
      for (Socket socket : half) {
        assertThat(TlsRefusalTest.readToEnd(socket)).as("its time is over").isEmpty();
      }
      link.close();
      Link anew = a.link(Transport.loopback(c.port()));
      assertThat(text(anew.call(1, utf8("after"), 30 * SECOND))).isEqualTo("after");
    } finally {
      for (Socket socket : half) {
        socket.close();
      }
    }
  }

  @Test
  void replayedConnection_isRefused_andNothingRunsAgain() throws Exception {
    byte[] recorded;
    try (Tap tap = Tap.before(b, Tap.UNCHANGED, Tap.UNCHANGED)) {
      Link link = a.link(Transport.loopback(tap.port()));
      assertThat(text(link.call(1, utf8("pay"), 30 * SECOND))).isEqualTo("pay");
      link.close();
      recorded = tap.toServer();
    }
    assertThat(ran).hasValue(1);
    for (int i = 0; i < 3; i++) {
      try (Socket socket = RawPeer.connect(b)) {
        socket.getOutputStream().write(recorded);
        TlsRefusalTest.readToEnd(socket);
      }
    }
    assertThat(b.stats().hostile() + b.stats().refusals()).isEqualTo(3);
    assertThat(b.stats().tlsRefusals()).isEqualTo(3);
    assertThat(ran).hasValue(1);
    assertLives();
  }

  @Test
  void replayedRecord_endsTheConnection_andNothingRunsAgain() throws Exception {
    Tap.Change twice =
        bytes -> {
          byte[] doubled = Arrays.copyOf(bytes, 2 * bytes.length);
          System.arraycopy(bytes, 0, doubled, bytes.length, bytes.length);
          return doubled;
        };
    AtomicBoolean on = new AtomicBoolean();
    try (Tap tap = Tap.before(b, Tap.once(on, twice), Tap.UNCHANGED)) {
      Link link = a.link(Transport.loopback(tap.port()));
      assertThat(text(link.call(1, utf8("first"), 30 * SECOND))).isEqualTo("first");
      on.set(true);
      link.send(1, utf8("pay"));
      awaitHostile();
    }
    assertThat(ran.get()).as("how often both ran, the original included").isBetween(1, 2);
    assertThat(b.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  @Test
  void changedByteInARequest_endsTheConnection_andItDoesNotRun() throws Exception {
    AtomicBoolean on = new AtomicBoolean();
    try (Tap tap = Tap.before(b, Tap.once(on, TlsHostileTest::flip), Tap.UNCHANGED)) {
      LinkException e = secondCallOver(tap, on);
      assertThat(e.reason()).isEqualTo(LinkException.Reason.LOST);
    }
    awaitHostile();
    assertThat(ran).hasValue(1);
    assertThat(b.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  @Test
  void changedByteInAReply_failsTheCall_andTheCallerLives() throws Exception {
    AtomicBoolean on = new AtomicBoolean();
    try (Tap tap = Tap.before(b, Tap.UNCHANGED, Tap.once(on, TlsHostileTest::flip))) {
      LinkException e = secondCallOver(tap, on);
      assertThat(e.reason()).isEqualTo(LinkException.Reason.LOST);
      assertThat(e.mayHaveRun()).isTrue();
    }
    assertThat(ran).hasValue(2);
    assertThat(a.stats().hostile()).isEqualTo(1);
    assertThat(a.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  private LinkException secondCallOver(Tap tap, AtomicBoolean on) {
    Link link = a.link(Transport.loopback(tap.port()));
    assertThat(text(link.call(1, utf8("first"), 30 * SECOND))).isEqualTo("first");
    on.set(true);
    return catchThrowableOfType(
        LinkException.class, () -> link.call(1, new byte[100_000], 30 * SECOND));
  }

  private static byte[] flip(byte[] bytes) {
    bytes[bytes.length / 2] ^= 1;
    return bytes;
  }

  @Test
  void forgedFrameInTheClear_endsTheConnection_andDoesNotRun() throws Exception {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    RawPeer.writeHeader(new DataOutputStream(frame), 0, Frame.REQUEST, 1, 1);
    try (Socket plain = RawPeer.connect(b);
        SSLSocket socket = RawTls.over(plain, directory.resolve("a"))) {
      RawPeer.writeHello(new DataOutputStream(socket.getOutputStream()), Opening.VERSION, "a");
      RawPeer.readHello(new DataInputStream(socket.getInputStream()));
      plain.getOutputStream().write(frame.toByteArray());
      TlsRefusalTest.readToEnd(socket);
    }
    awaitHostile();
    assertThat(ran).hasValue(0);
    assertThat(b.stats().tlsRefusals()).isEqualTo(1);
    assertLives();
  }

  /** Whoever waits for no answer is not told when it is noticed. */
  private void awaitHostile() {
    long until = System.nanoTime() + 30 * SECOND;
    while (b.stats().hostile() == 0) {
      assertThat(System.nanoTime()).as("the forgery was noticed in time").isLessThan(until);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void assertLives() {
    Link link = a.link(Transport.loopback(b.port()));
    assertThat(text(link.call(1, utf8("alive"), 30 * SECOND))).isEqualTo("alive");
  }
}
