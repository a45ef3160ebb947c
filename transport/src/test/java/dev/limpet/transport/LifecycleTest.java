package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.link;
import static dev.limpet.transport.Peers.node;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The port, the splice behind it, and the end. */
@Timeout(30)
class LifecycleTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  @Test
  void http2_isHandedThroughByteForByte_andHalfClosed() throws Exception {
    CompletableFuture<String> received = new CompletableFuture<>();
    try (ServerSocket engine = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Transport b = node("b", ECHO)) {
      Thread.startVirtualThread(() -> {
        try (Socket socket = engine.accept()) {
          socket.getOutputStream().write(utf8("settings"));
          received.complete(text(socket.getInputStream().readAllBytes()));
          socket.getOutputStream().write(utf8("goodbye"));
        } catch (IOException e) {
          received.completeExceptionally(e);
        }
      });
      b.spliceTo((InetSocketAddress) engine.getLocalSocketAddress());
      try (Socket socket = RawPeer.connect(b)) {
        for (byte each : utf8(PREFACE + "frames")) { // in as many pieces as can be
          socket.getOutputStream().write(each);
        }
        assertThat(text(socket.getInputStream().readNBytes(8))).isEqualTo("settings");
        socket.shutdownOutput();
        assertThat(text(socket.getInputStream().readAllBytes())).isEqualTo("goodbye");
      }
      assertThat(received.get()).isEqualTo(PREFACE + "frames");
      assertThat(b.stats().splices()).isEqualTo(1);
      assertThat(b.stats().hostile()).isZero();
    }
  }

  @Test
  void http2_withNoEngineBehind_isClosed() throws Exception {
    try (Transport b = node("b", ECHO);
        Socket socket = RawPeer.connect(b)) {
      socket.getOutputStream().write(utf8("PRI * HTTP/2.0"));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThat(b.stats().refusals()).isEqualTo(1);
    }
  }

  @Test
  void splicesAreBounded_andRoomIsMadeWhenOneEnds() throws Exception {
    try (ServerSocket engine = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Transport b = node("b", ECHO, Peers.config().withConnectionsMax(10, 10, 1))) {
      b.spliceTo((InetSocketAddress) engine.getLocalSocketAddress());
      try (Socket first = RawPeer.connect(b)) {
        first.getOutputStream().write(utf8("PRI * HTTP/2.0"));
        try (Socket inside = engine.accept();
            Socket second = RawPeer.connect(b)) {
          assertThat(inside.getInputStream().readNBytes(14)).hasSize(14);
          second.getOutputStream().write(utf8("PRI * HTTP/2.0"));
          assertThat(second.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(first.getInputStream().read()).isEqualTo(-1);
      }
      // The first one's end is noticed soon; until then a third may be refused like the second.
      engine.setSoTimeout(100);
      boolean spliced = false;
      while (!spliced) {
        try (Socket third = RawPeer.connect(b)) {
          third.getOutputStream().write(utf8("PRI * HTTP/2.0"));
          try (Socket inside = engine.accept()) {
            spliced = inside.getInputStream().readNBytes(14).length == 14;
          } catch (java.net.SocketTimeoutException e) {
            continue;
          }
        }
      }
      assertThat(b.stats().splices()).isEqualTo(2);
    }
  }

  @Test
  void lostPort_isReported_butNotByClose() throws Exception {
    CompletableFuture<Throwable> lost = new CompletableFuture<>();
    CompletableFuture<Throwable> closed = new CompletableFuture<>();
    try (Transport a = Transport.bind(Peers.config(), Peers.named("a"), ECHO, lost::complete)) {
      a.losePort();
      assertThat(lost.get()).isInstanceOf(ClosedChannelException.class);
    }
    Transport.bind(Peers.config(), Peers.named("b"), ECHO, closed::complete).close();
    assertThat(closed).isNotDone();
  }

  @Test
  void portInUse_isSaidWithTheAddress() throws Exception {
    try (Transport a = node("a", ECHO)) {
      assertThatIOException()
          .isThrownBy(
              () -> node("b", ECHO, TransportConfig.on(Transport.loopback(a.port()))).close())
          .withMessageContaining("cannot bind the cluster port")
          .withMessageContaining(String.valueOf(a.port()));
    }
  }

  @Test
  void close_failsWhatWaits_andLeavesNoThread() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Handler never = in -> {};
    Transport a = node("a", ECHO);
    Transport b = node("b", never);
    CompletableFuture<byte[]> waiting =
        link(a, b).request(1, Frame.EMPTY, System.nanoTime() + 20 * SECOND);
    try (Socket silent = RawPeer.connect(b)) {
      silent.getOutputStream().write('L');
      a.close();
      b.close();
      a.close();
    }
    assertThat(waiting).failsWithin(Duration.ofSeconds(5));
    assertThat(catchThrowableOfType(LinkException.class, () -> a.link("127.0.0.1", 1)).mayHaveRun())
        .isFalse();
    List<Thread> ours =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("limpet-") && !before.contains(thread))
            .toList();
    for (Thread thread : ours) { // their work has ended; they may be on their last instructions
      assertThat(thread.join(Duration.ofSeconds(2))).as(thread.getName()).isTrue();
    }
  }

  @Test
  void close_isBounded_evenWhenAHandlerBlocks() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Handler blocks =
        in -> {
          entered.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (Transport a = node("a", ECHO)) {
      Transport b = node("b", blocks);
      link(a, b).send(1, Frame.EMPTY);
      entered.await();
      long start = System.nanoTime();
      b.close();
      assertThat(System.nanoTime() - start).isLessThan(5 * SECOND);
      release.countDown();
    }
  }
}
