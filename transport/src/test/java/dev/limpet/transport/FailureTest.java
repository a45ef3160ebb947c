package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.link;
import static dev.limpet.transport.Peers.node;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.limpet.transport.LinkException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that die, stall, come back or were never there; and what callers are told. */
@Timeout(30)
class FailureTest {
  private static final byte[] NONE = Frame.EMPTY;

  private static byte[] call(Bundle bundle) {
    long now = System.nanoTime();
    return bundle.call(1, NONE, now + 60 * SECOND, now);
  }

  @Test
  void peerDiesAfterItGotTheRequest_mayHaveRun() throws Exception {
    try (RawPeer peer =
            RawPeer.listening((socket, in, out) -> {
              RawPeer.greet(in, out);
              in.skipNBytes(Frame.HEADER_BYTES);
            });
        Transport a = node("a", ECHO)) {
      LinkException e = failure(a.link("127.0.0.1", peer.port()), 10 * SECOND);
      assertThat(e.reason()).isEqualTo(Reason.LOST);
      assertThat(e.mayHaveRun()).isTrue();
    }
  }

  @Test
  void bundleThatIsGivenUp_failsItsRequestsAtOnceAndNoOthers() throws Exception {
    CountDownLatch arrived = new CountDownLatch(2);
    List<Inbound> held = new java.util.concurrent.CopyOnWriteArrayList<>();
    Handler holding =
        in -> {
          held.add(in);
          arrived.countDown();
        };
    try (Transport b = node("b", holding);
        Transport a = node("a", ECHO)) {
      Link link = a.link("127.0.0.1", b.port());
      Bundle bundle = link.bundle();
      CompletableFuture<LinkException> given = new CompletableFuture<>();
      Thread unused =
          Thread.startVirtualThread(
              () -> given.complete(catchThrowableOfType(LinkException.class, () -> call(bundle))));
      CompletableFuture<byte[]> other =
          link.request(1, utf8("other"), System.nanoTime() + 60 * SECOND);
      arrived.await();
      bundle.giveUp();
      assertThat(given.get().reason()).isEqualTo(Reason.GIVEN_UP);
      assertThat(given.get().mayHaveRun()).isTrue();
      assertThat(catchThrowableOfType(LinkException.class, () -> call(bundle)).reason())
          .as("those to come too")
          .isEqualTo(Reason.GIVEN_UP);
      assertThat(other).isNotDone();
      held.forEach(in -> in.reply(in.body()));
      assertThat(text(other.get())).isEqualTo("other");
    }
  }

  @Test
  void nobodyListens_didNotRun_andTheNextFailsAtOnceUntilThePauseIsOver() throws Exception {
    int port = closedPort();
    try (Transport a = node("a", ECHO, Peers.config().withBackOffMax(Duration.ofMinutes(10)))) {
      Link link = a.link("127.0.0.1", port);
      LinkException first = failure(link, 10 * SECOND);
      assertThat(first.reason()).isEqualTo(Reason.NOT_CONNECTED);
      assertThat(first.mayHaveRun()).isFalse();
      assertThat(link.state()).isEqualTo(LinkState.BACKING_OFF);
      LinkException second = failure(link, 10 * SECOND);
      assertThat(second.mayHaveRun()).isFalse();
      assertThat(second).hasMessageContaining("next attempt in").hasMessageContaining("refused");
      assertThat(a.stats().connectFailures()).isEqualTo(1);
    }
  }

  @Test
  void peerThatNeverSaysHello_failsInTime_notRun_andTheFrameIsVoid() throws Exception {
    CountDownLatch expired = new CountDownLatch(1);
    CompletableFuture<Byte> type = new CompletableFuture<>();
    try (RawPeer peer =
            RawPeer.listening((socket, in, out) -> {
              expired.await();
              RawPeer.greet(in, out);
              in.skipNBytes(Frame.TYPE_AT);
              type.complete(in.readByte());
            });
        Transport a = node("a", ECHO)) {
      LinkException e = failure(a.link("127.0.0.1", peer.port()), SECOND / 10);
      assertThat(e.reason()).isEqualTo(Reason.DEADLINE);
      assertThat(e.mayHaveRun()).isFalse();
      expired.countDown();
      assertThat(type.get()).isEqualTo(Frame.VOID);
    }
  }

  @Test
  void peerThatNeverSaysHello_endsTheAttempt() throws Exception {
    TransportConfig impatient =
        Peers.config()
            .withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofSeconds(1));
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Transport a = node("a", ECHO, impatient)) {
      LinkException e = failure(a.link("127.0.0.1", silent.getLocalPort()), 20 * SECOND);
      assertThat(e.reason()).isEqualTo(Reason.NOT_CONNECTED);
      assertThat(e).hasMessageContaining("did not say hello in time");
    }
  }

  @Test
  void peerThatDoesNotRead_makesTheLinkBusy_blocksNobody_andDeadlinesHold() throws Exception {
    try (RawPeer peer = RawPeer.listening(FailureTest::greetThenStopReading);
        Transport a = node("a", ECHO)) {
      Link link = a.link("127.0.0.1", peer.port());
      List<CompletableFuture<byte[]>> waiting = fill(link, System.nanoTime() + 20 * SECOND);

      long start = System.nanoTime();
      LinkException busy = failure(link, 10 * SECOND);
      assertThat(System.nanoTime() - start).isLessThan(SECOND);
      assertThat(busy.reason()).isEqualTo(Reason.BUSY);
      assertThat(busy.mayHaveRun()).isFalse();
      assertThat(a.stats().busy()).isGreaterThan(0);

      link.close();
      int left = 0;
      int unsent = 0;
      for (CompletableFuture<byte[]> each : waiting) {
        LinkException e = failure(each);
        assertThat(e.reason()).isEqualTo(Reason.CLOSED);
        if (e.mayHaveRun()) {
          left++;
        } else {
          unsent++;
        }
      }
      assertThat(left).as("frames that went into the sockets' buffers").isGreaterThan(0);
      assertThat(unsent).as("frames that never left").isGreaterThan(10);
    }
  }

  @Test
  void deadlineBehindAPeerThatDoesNotRead_holds_andWhatDidNotLeaveDidNotRun() throws Exception {
    try (RawPeer peer = RawPeer.listening(FailureTest::greetThenStopReading);
        Transport a = node("a", ECHO)) {
      Link link = a.link("127.0.0.1", peer.port());
      List<CompletableFuture<byte[]>> waiting = fill(link, System.nanoTime() + 2 * SECOND);
      LinkException last = failure(waiting.getLast());
      assertThat(last.reason()).isEqualTo(Reason.DEADLINE);
      assertThat(last.mayHaveRun()).isFalse();
      assertThat(failure(waiting.getFirst()).mayHaveRun()).isTrue();
    }
  }

  @Test
  void peerThatDoesNotRead_losesItsConnectionAfterTheStallTime() throws Exception {
    TransportConfig impatient =
        Peers.config()
            .withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMillis(200));
    try (RawPeer peer = RawPeer.listening(FailureTest::greetThenStopReading);
        Transport a = node("a", ECHO, impatient)) {
      List<CompletableFuture<byte[]>> waiting =
          fill(a.link("127.0.0.1", peer.port()), System.nanoTime() + 20 * SECOND);
      LinkException e = failure(waiting.getFirst());
      assertThat(e.reason()).isEqualTo(Reason.LOST);
      assertThat(e).hasMessageContaining("has read nothing");
      assertThat(a.stats().stalls()).isEqualTo(1);
    }
  }

  @Test
  void callerOfAPeerThatDoesNotReadItsAnswers_costsTheNodeOnlyThatConnection() throws Exception {
    TransportConfig small =
        Peers.config()
            .withFrameBytesMax(64 << 10)
            .withPendingBytesMax(1 << 20)
            .withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMillis(300));
    Handler large = in -> in.reply(new byte[60_000]);
    try (Transport b = node("b", large, small);
        var greedy = RawPeer.connect(b);
        Transport a = node("a", ECHO)) {
      var out = new java.io.DataOutputStream(greedy.getOutputStream());
      RawPeer.writeHello(out, Opening.VERSION, "greedy");
      for (int i = 0; i < 1000; i++) {
        RawPeer.writeHeader(out, 0, Frame.REQUEST, 1, i);
      }
      assertThat(link(a, b).call(1, NONE, 10 * SECOND)).hasSize(60_000);
      while (b.stats().stalls() == 0) {
        assertThat(link(a, b).call(1, NONE, 10 * SECOND)).hasSize(60_000);
      }
      assertThat(b.stats().stalls()).isEqualTo(1);
    }
  }

  @Test
  void peerThatRestartsOnItsPort_isReachedAgain() throws Exception {
    try (Transport a = node("a", ECHO)) {
      Transport b = node("b", ECHO);
      Link link = link(a, b);
      assertThat(text(link.call(1, utf8("one"), SECOND))).isEqualTo("one");
      TransportConfig samePort = TransportConfig.on(Transport.loopback(b.port()));
      b.close();
      try (Transport again = node("b", ECHO, samePort)) {
        assertThat(callUntilAnswered(link, "two")).isEqualTo("two");
        assertThat(again.stats().accepts()).isEqualTo(1);
      }
    }
  }

  @Test
  void refusedHello_isToldToBothSides() throws Exception {
    try (Transport stranger = node("stranger", ECHO);
        Transport b = node("b", ECHO)) {
      LinkException e = failure(link(stranger, b), 10 * SECOND);
      assertThat(e.reason()).isEqualTo(Reason.HELLO_REFUSED);
      assertThat(e.mayHaveRun()).isFalse();
      assertThat(e).hasMessageContaining("no strangers");
      assertThat(b.stats().refusals()).isEqualTo(1);
      assertThat(b.stats().accepts()).isZero();
      LinkException other = failure(link(b, stranger), 10 * SECOND);
      assertThat(other.reason()).isEqualTo(Reason.HELLO_REFUSED);
    }
  }

  @Test
  void closedLink_failsWhatWaits_andTheTransportMakesANewOne() throws Exception {
    Handler never = in -> {};
    try (Transport a = node("a", ECHO);
        Transport b = node("b", never)) {
      Link link = link(a, b);
      CompletableFuture<byte[]> waiting = link.request(1, NONE, System.nanoTime() + 20 * SECOND);
      link.close();
      assertThat(failure(waiting).reason()).isEqualTo(Reason.CLOSED);
      assertThat(failure(link, SECOND).reason()).isEqualTo(Reason.CLOSED);
      assertThat(link(a, b)).isNotSameAs(link);
    }
  }

  private static void greetThenStopReading(
      java.net.Socket socket, java.io.DataInputStream in, java.io.DataOutputStream out)
      throws Exception {
    RawPeer.greet(in, out);
    new CompletableFuture<Void>().get();
  }

  /** Sends until the link is connected and nothing has fitted for 200 attempts, far apart enough for the writer. */
  private static List<CompletableFuture<byte[]>> fill(Link link, long deadlineNanos) {
    List<CompletableFuture<byte[]>> waiting = new ArrayList<>();
    byte[] body = new byte[200_000];
    int busyInARow = 0;
    while (busyInARow < 200) {
      CompletableFuture<byte[]> reply = link.request(1, body, deadlineNanos);
      if (reply.isCompletedExceptionally()) {
        if (failure(reply).reason() != Reason.BUSY) {
          return waiting; // a stall time-out came first
        }
        busyInARow = link.state() == LinkState.CONNECTED ? busyInARow + 1 : 0;
        LockSupport.parkNanos(1_000_000); // not to wait for anything, only to leave the processor
      } else {
        busyInARow = 0;
        waiting.add(reply);
      }
    }
    // And then to the brim, so that not even an empty frame fits.
    for (int size = 100_000; size >= 0; size = size == 0 ? -1 : size / 2) {
      CompletableFuture<byte[]> reply = link.request(1, new byte[size], deadlineNanos);
      while (!reply.isCompletedExceptionally()) {
        waiting.add(reply);
        reply = link.request(1, new byte[size], deadlineNanos);
      }
    }
    return waiting;
  }

  private static String callUntilAnswered(Link link, String body) {
    while (true) {
      try {
        return text(link.call(1, utf8(body), SECOND));
      } catch (LinkException e) {
        assertThat(e.reason()).isIn(Reason.LOST, Reason.NOT_CONNECTED);
      }
    }
  }

  private static LinkException failure(Link link, long timeoutNanos) {
    return catchThrowableOfType(LinkException.class, () -> link.call(1, NONE, timeoutNanos));
  }

  private static LinkException failure(CompletableFuture<byte[]> reply) {
    ExecutionException e = catchThrowableOfType(ExecutionException.class, reply::get);
    return (LinkException) e.getCause();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket server = new ServerSocket()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return server.getLocalPort();
    }
  }

  @Test
  void requestThatCannotBeMade_isAnArgumentError() throws Exception {
    try (Transport a = node("a", ECHO);
        Transport b = node("b", ECHO)) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> link(a, b).call(70_000, NONE, SECOND));
    }
  }
}
