package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.link;
import static dev.limpet.transport.Peers.node;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.limpet.transport.LinkException.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two well-behaved nodes. */
@Timeout(30)
class TransportTest {
  @Test
  void call_repliedOnTheReadingThread_returnsTheReply() throws Exception {
    try (Transport a = node("a", ECHO);
        Transport b = node("b", ECHO)) {
      assertThat(text(link(a, b).call(7, utf8("hello"), SECOND))).isEqualTo("hello");
    }
  }

  @Test
  void request_repliedByAnotherThread_completesTheFuture() throws Exception {
    Handler later = in -> Thread.startVirtualThread(() -> in.reply(utf8("kind " + in.kind())));
    try (Transport a = node("a", ECHO);
        Transport b = node("b", later)) {
      CompletableFuture<byte[]> reply =
          link(a, b).request(65_535, Frame.EMPTY, System.nanoTime() + SECOND);
      assertThat(text(reply.get())).isEqualTo("kind 65535");
    }
  }

  @Test
  void send_reachesTheHandlerAsOneWay() throws Exception {
    CompletableFuture<Inbound> seen = new CompletableFuture<>();
    try (Transport a = node("a", ECHO);
        Transport b = node("b", seen::complete)) {
      link(a, b).send(3, utf8("note"));
      Inbound note = seen.get();
      assertThat(note.oneWay()).isTrue();
      assertThat(text(note.body())).isEqualTo("note");
      assertThat(note.reply(Frame.EMPTY)).isFalse();
    }
  }

  @Test
  void hellos_areKnownOnBothSides() throws Exception {
    Handler tellWho = in -> in.reply(in.peerHello());
    try (Transport a = node("a", ECHO);
        Transport b = node("b", tellWho)) {
      Link link = link(a, b);
      assertThat(link.state()).isEqualTo(LinkState.IDLE);
      assertThat(text(link.call(1, Frame.EMPTY, SECOND))).isEqualTo("a");
      assertThat(link.peerHello().map(Peers::text)).contains("b");
      assertThat(link.state()).isEqualTo(LinkState.CONNECTED);
      assertThat(a.link("127.0.0.1", b.port())).isSameAs(link);
    }
  }

  @Test
  void manyCallers_eachGetTheirOwnReply_whateverTheSize() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Handler either =
        in -> {
          if (in.kind() == 0) {
            in.reply(in.body());
          } else {
            Thread.startVirtualThread(() -> in.reply(in.body()));
          }
        };
    try (Transport a = node("a", ECHO);
        Transport b = node("b", either);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Link link = link(a, b);
      List<Future<Integer>> all = new ArrayList<>();
      for (int caller = 0; caller < 200; caller++) {
        Random random = new Random(seed + caller);
        all.add(
            callers.submit(() -> {
              int right = 0;
              for (int i = 0; i < 50; i++) {
                int size = random.nextInt(20) == 0 ? random.nextInt(300_000) : random.nextInt(200);
                byte[] body = new byte[size];
                random.nextBytes(body);
                byte[] reply = link.call(random.nextInt(2), body, 20 * SECOND);
                right += Arrays.equals(reply, body) ? 1 : 0;
              }
              return right;
            }));
      }
      for (Future<Integer> each : all) {
        assertThat(each.get()).isEqualTo(50);
      }
      assertThat(link.inFlight()).isZero();
      assertThat(b.stats().framesIn()).isEqualTo(10_000);
    }
  }

  @Test
  void largestFrame_passes_andOneByteMoreIsRefusedUnsent() throws Exception {
    TransportConfig small = Peers.config().withFrameBytesMax(100_000);
    try (Transport a = node("a", ECHO, small);
        Transport b = node("b", ECHO, small)) {
      Link link = link(a, b);
      int max = 100_000 - Frame.HEADER_BYTES;
      assertThat(link.call(1, new byte[max], SECOND)).hasSize(max);
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(1, new byte[max + 1], SECOND))
          .matches(e -> e.reason() == Reason.TOO_LARGE && !e.mayHaveRun());
      assertThat(link.call(1, new byte[1], SECOND)).hasSize(1);
    }
  }

  @Test
  void reply_tooLarge_failsTheRequestWithTheReason() throws Exception {
    TransportConfig small = Peers.config().withFrameBytesMax(10_000);
    Handler huge = in -> in.reply(new byte[10_000]);
    try (Transport a = node("a", ECHO, small);
        Transport b = node("b", huge, small)) {
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link(a, b).call(1, Frame.EMPTY, SECOND))
          .withMessageContaining("exceeds the largest body")
          .matches(e -> e.reason() == Reason.FAILED && e.mayHaveRun());
    }
  }

  @Test
  void handlerThatFailsOrThrows_failsItsRequestOnly() throws Exception {
    Handler bad =
        in -> {
          switch (in.kind()) {
            case 1 -> in.fail("no such process");
            case 2 -> throw new IllegalStateException("a bug");
            default -> in.reply(in.body());
          }
        };
    try (Transport a = node("a", ECHO);
        Transport b = node("b", bad)) {
      Link link = link(a, b);
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(1, Frame.EMPTY, SECOND))
          .withMessage("no such process");
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(2, Frame.EMPTY, SECOND))
          .withMessageContaining("a bug");
      assertThat(text(link.call(3, utf8("x"), SECOND))).isEqualTo("x");
      assertThat(a.stats().connects()).isEqualTo(1);
    }
  }

  @Test
  void secondReply_doesNothing() throws Exception {
    CompletableFuture<Boolean> second = new CompletableFuture<>();
    Handler twice =
        in -> {
          in.reply(utf8("first"));
          second.complete(in.reply(utf8("second")));
        };
    try (Transport a = node("a", ECHO);
        Transport b = node("b", twice)) {
      assertThat(text(link(a, b).call(1, Frame.EMPTY, SECOND))).isEqualTo("first");
      assertThat(second.get()).isFalse();
      assertThat(text(link(a, b).call(1, Frame.EMPTY, SECOND))).isEqualTo("first");
    }
  }

  @Test
  void deadlinePasses_endsCallAndFuture_whichMayHaveRun() throws Exception {
    Handler never =
        in -> {
          if (text(in.body()).equals("connect")) {
            in.reply(in.body());
          }
        };
    try (Transport a = node("a", ECHO);
        Transport b = node("b", never)) {
      Link link = link(a, b);
      // While it connects, a request that is given up is never sent.
      assertThat(text(link.call(1, utf8("connect"), 20 * SECOND))).isEqualTo("connect");
      long start = System.nanoTime();
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(1, Frame.EMPTY, SECOND / 10))
          .matches(e -> e.reason() == Reason.DEADLINE && e.mayHaveRun());
      assertThat(System.nanoTime() - start).isBetween(SECOND / 10, 5 * SECOND);
      assertThat(link.request(1, Frame.EMPTY, System.nanoTime() + SECOND / 10))
          .failsWithin(Duration.ofSeconds(5))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(LinkException.class);
      assertThat(link.inFlight()).isZero();
      assertThat(a.stats().deadlines()).isEqualTo(2);
    }
  }

  @Test
  void lateReply_isDroppedAndCounted() throws Exception {
    CompletableFuture<Inbound> kept = new CompletableFuture<>();
    Handler keepOld =
        in -> {
          if (!text(in.body()).equals("old") || !kept.complete(in)) {
            in.reply(in.body());
          }
        };
    try (Transport a = node("a", ECHO);
        Transport b = node("b", keepOld)) {
      Link link = link(a, b);
      // While it connects, a request that is given up is never sent.
      assertThat(text(link.call(1, utf8("connect"), 20 * SECOND))).isEqualTo("connect");
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(1, utf8("old"), SECOND / 20));
      assertThat(kept.get().reply(utf8("late"))).isTrue();
      assertThat(text(link.call(1, utf8("new"), 20 * SECOND))).isEqualTo("new");
      assertThat(a.stats().lateReplies()).isEqualTo(1);
    }
  }

  @Test
  void interruptedCaller_getsAnException_andTheOthersKeepTheirConnection() throws Exception {
    CompletableFuture<Inbound> first = new CompletableFuture<>();
    Handler keepFirst =
        in -> {
          if (!first.complete(in)) {
            in.reply(in.body());
          }
        };
    try (Transport a = node("a", ECHO);
        Transport b = node("b", keepFirst)) {
      Link link = link(a, b);
      CompletableFuture<LinkException> thrown = new CompletableFuture<>();
      Thread caller =
          Thread.startVirtualThread(() -> {
            try {
              byte[] unused = link.call(1, Frame.EMPTY, 20 * SECOND);
            } catch (LinkException e) {
              thrown.complete(e);
            }
          });
      first.get();
      caller.interrupt();
      assertThat(thrown.get()).matches(e -> e.reason() == Reason.INTERRUPTED && e.mayHaveRun());
      Thread.currentThread().interrupt(); // interrupted already when it writes
      try {
        assertThat(link.call(1, utf8("lucky"), 20 * SECOND)).isEqualTo(utf8("lucky"));
      } catch (LinkException e) {
        assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED);
      }
      assertThat(Thread.interrupted()).isTrue();
      assertThat(text(link.call(1, utf8("alive"), SECOND))).isEqualTo("alive");
      assertThat(a.stats().connects()).isEqualTo(1);
    }
  }

  @Test
  void tooManyInFlight_isBusyAtOnce_andClearsWithTheReplies() throws Exception {
    List<Inbound> kept = new ArrayList<>();
    CountDownLatch ten = new CountDownLatch(10);
    Handler keep =
        in -> {
          kept.add(in);
          ten.countDown();
        };
    try (Transport a = node("a", ECHO, Peers.config().withInFlightMax(10));
        Transport b = node("b", keep)) {
      Link link = link(a, b);
      List<CompletableFuture<byte[]>> waiting = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        waiting.add(
            link.request(
                1, ByteBuffer.allocate(4).putInt(i).array(), System.nanoTime() + 20 * SECOND));
      }
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(1, Frame.EMPTY, SECOND))
          .matches(e -> e.reason() == Reason.BUSY && !e.mayHaveRun());
      assertThat(ten.await(10, TimeUnit.SECONDS)).isTrue();
      for (Inbound in : kept.reversed()) {
        in.reply(in.body());
      }
      for (int i = 0; i < 10; i++) {
        assertThat(ByteBuffer.wrap(waiting.get(i).get()).getInt()).isEqualTo(i);
      }
      assertThat(a.stats().busy()).isEqualTo(1);
    }
  }

  @Test
  void tooManyUnansweredAtThePeer_isBusyAndDidNotRun() throws Exception {
    Handler never = in -> {};
    try (Transport a = node("a", ECHO);
        Transport b = node("b", never, Peers.config().withInFlightMax(10))) {
      Link link = link(a, b);
      for (int i = 0; i < 10; i++) {
        CompletableFuture<byte[]> unused =
            link.request(1, Frame.EMPTY, System.nanoTime() + 20 * SECOND);
      }
      assertThatExceptionOfType(LinkException.class)
          .isThrownBy(() -> link.call(1, Frame.EMPTY, 10 * SECOND))
          .matches(e -> e.reason() == Reason.BUSY && !e.mayHaveRun());
    }
  }

  @Test
  void probe_tellsAListenerFromAClosedPort() throws Exception {
    try (Transport a = node("a", ECHO)) {
      int port;
      try (Transport b = node("b", ECHO)) {
        port = b.port();
        assertThat(a.probe(Transport.loopback(port), Duration.ofSeconds(1)))
            .isEqualTo(ProbeAnswer.CONNECTED);
      }
      assertThat(a.probe(Transport.loopback(port), Duration.ofSeconds(1)))
          .isEqualTo(ProbeAnswer.REFUSED);
    }
  }
}
