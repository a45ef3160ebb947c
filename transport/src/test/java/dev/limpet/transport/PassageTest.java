package dev.limpet.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames wait where a passage holds them, each way, and a passage that breaks ends the connection. */
@Timeout(30)
class PassageTest {
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);
  private final Set<String> heldPeers = ConcurrentHashMap.newKeySet();
  private final Passage gate =
      peer -> {
        heldPeers.add(new String(peer, UTF_8));
        held.countDown();
        try {
          open.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      };

  private static Transport bind(String name, Passage passage) throws IOException {
    return Transport.bind(
        TransportConfig.on(Transport.loopback(0)),
        null,
        new Greeting() {
          @Override
          public byte[] hello() {
            return name.getBytes(UTF_8);
          }

          @Override
          public String refusal(byte[] theirs, InetSocketAddress from, PeerName certified) {
            return null;
          }
        },
        in -> in.reply(in.body()),
        passage,
        lost -> {});
  }

  private static CompletableFuture<byte[]> ask(Transport from, Transport to) {
    return from.link(Transport.loopback(to.port()))
        .request(1, "hello".getBytes(UTF_8), System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
  }

  private void awaitHeldThenOpen(CompletableFuture<byte[]> answer, String peer) throws Exception {
    held.await();
    assertThat(answer).isNotDone();
    assertThat(heldPeers).containsExactly(peer);
    open.countDown();
    assertThat(answer.get()).asString(UTF_8).isEqualTo("hello");
  }

  @Test
  void request_waitsInFrontOfTheServingSide() throws Exception {
    try (Transport one = bind("one", Passage.OPEN);
        Transport two = bind("two", gate)) {
      awaitHeldThenOpen(ask(one, two), "one");
    }
  }

  @Test
  void answer_waitsInFrontOfTheAskingSide() throws Exception {
    try (Transport one = bind("one", gate);
        Transport two = bind("two", Passage.OPEN)) {
      awaitHeldThenOpen(ask(one, two), "two");
    }
  }

  @Test
  void passageThatBreaks_endsTheConnection_andTheRequestMayHaveRun() throws Exception {
    Passage broken =
        peer -> {
          throw new IOException("nothing passes");
        };
    try (Transport one = bind("one", Passage.OPEN);
        Transport two = bind("two", broken)) {
      assertThatThrownBy(() -> ask(one, two).get())
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(LinkException.class, e -> assertThat(e.mayHaveRun()).isTrue());
    }
  }
}
