package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The consensus engine's connections: TLS outside, plain to a private port, which knows who may come there. */
@Timeout(60)
class TlsEngineTest {
  private static final TestCa CA = new TestCa("ca");
  private static final byte[] PREFACE = utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

  @TempDir private Path directory;
  private final BlockingQueue<Socket> met = new LinkedBlockingQueue<>();
  private Tls tls;
  private Transport node;
  private ServerSocket engine;

  @BeforeEach
  void start() throws Exception {
    tls = Tls.openUnwatched(CA.good(directory, "b"));
    node = Peers.node("b", ECHO, Peers.config(), tls);
    engine = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    node.spliceTo(Transport.loopback(engine.getLocalPort()));
    Thread unused =
        Thread.ofVirtual()
            .start(() -> {
              while (!engine.isClosed()) {
                try {
                  met.add(engine.accept());
                } catch (IOException e) {
                  return; // the test is over
                }
              }
            });
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    engine.close();
    tls.close();
  }

  private SSLSocket connect() throws Exception {
    SSLSocket socket = RawTls.connect(node, CA.good(directory, "a"));
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    return socket;
  }

  private Socket meet() throws InterruptedException {
    Socket inside = met.poll(30, TimeUnit.SECONDS);
    assertThat(inside).as("handed through").isNotNull();
    return inside;
  }

  @Test
  void http2_isHandedThroughByteForByte_bothWays() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    byte[] much = new byte[5_000_000];
    new Random(seed).nextBytes(much);
    try (SSLSocket outside = connect()) {
      outside.getOutputStream().write(PREFACE);
      assertThat(outside.getApplicationProtocol()).isEqualTo("h2");
      try (Socket inside = meet()) {
        DataInputStream in = new DataInputStream(inside.getInputStream());
        assertThat(in.readNBytes(PREFACE.length)).isEqualTo(PREFACE);
        Thread up = writing(outside.getOutputStream(), much);
        assertThat(in.readNBytes(much.length)).isEqualTo(much);
        up.join();
        Thread down = writing(inside.getOutputStream(), much);
        assertThat(outside.getInputStream().readNBytes(much.length)).isEqualTo(much);
        down.join();
      }
      assertThat(outside.getInputStream().read()).as("the engine has closed").isEqualTo(-1);
    }
    assertThat(node.stats().splices()).isEqualTo(1);
    assertThat(node.stats().hostile() + node.stats().refusals()).isZero();
  }

  private static Thread writing(OutputStream to, byte[] bytes) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            to.write(bytes);
            to.flush();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Test
  void callerThatEnds_endsTheEnginesConnection() throws Exception {
    Socket inside;
    try (SSLSocket outside = connect()) {
      outside.getOutputStream().write(PREFACE);
      inside = meet();
    }
    assertThat(inside.getInputStream().readAllBytes()).isEqualTo(PREFACE);
    inside.close();
  }

  @Test
  void certificateOfAStranger_reachesNoEngine() throws Exception {
    try (SSLSocket outside =
        RawTls.connect(node, new TestCa("other").good(directory, "stranger"))) {
      outside.getOutputStream().write(PREFACE);
      TlsRefusalTest.readToEnd(outside);
    } catch (IOException e) {
      assertThat(e).isInstanceOf(SSLException.class);
    }
    assertThat(node.stats().tlsRefusals()).isEqualTo(1);
    assertThat(node.stats().splices()).isZero();
  }

  @Test
  void privatePort_knowsWhoIsHandedThrough_andWhoIsNot() throws Exception {
    Socket handed;
    try (SSLSocket outside = connect()) {
      outside.getOutputStream().write(PREFACE);
      handed = meet();
      assertThat(handed.getInputStream().readNBytes(PREFACE.length)).isEqualTo(PREFACE);
      assertThat(node.handsThrough(from(handed))).isTrue();
    }
    try (Socket neighbour = new Socket(InetAddress.getLoopbackAddress(), engine.getLocalPort());
        Socket met = meet()) {
      assertThat(neighbour.isConnected()).isTrue();
      assertThat(node.handsThrough(from(met))).isFalse();
      assertThat(handed.getInputStream().readAllBytes()).isEmpty();
      assertThat(node.handsThrough(from(handed))).as("after its end").isFalse();
    }
    handed.close();
  }

  private static InetSocketAddress from(Socket accepted) {
    return (InetSocketAddress) accepted.getRemoteSocketAddress();
  }

  @Test
  void frames_goOn_besideTheEngine() throws Exception {
    try (SSLSocket outside = connect();
        Tls other = Tls.openUnwatched(CA.good(directory, "c"));
        Transport c = Peers.node("c", ECHO, Peers.config(), other)) {
      outside.getOutputStream().write(PREFACE);
      try (Socket inside = meet()) {
        assertThat(text(Peers.link(c, node).call(1, utf8("x"), 30 * SECOND))).isEqualTo("x");
        assertThat(inside.isClosed()).isFalse();
      }
    }
  }

  @Test
  void closedNode_closesWhatItHandsThrough() throws Exception {
    try (SSLSocket outside = connect()) {
      outside.getOutputStream().write(PREFACE);
      try (Socket inside = meet()) {
        assertThat(inside.getInputStream().readNBytes(PREFACE.length)).isEqualTo(PREFACE);
        node.close();
        assertThat(inside.getInputStream().readAllBytes()).isEmpty();
        assertThat(TlsRefusalTest.readToEnd(outside)).isEmpty();
      }
    }
  }
}
