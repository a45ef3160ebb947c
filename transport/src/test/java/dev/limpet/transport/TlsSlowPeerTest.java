package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer that does not read, under TLS: callers are not held, nothing is lost or doubled, and it costs its connection. */
@Timeout(60)
class TlsSlowPeerTest {
  private static final TestCa CA = new TestCa("ca");
  private static final int BODY_BYTES = 50_000;

  @TempDir private Path directory;
  private final CountDownLatch read = new CountDownLatch(1);
  private SSLServerSocket server;
  private Tls tls;

  @BeforeEach
  void start() throws Exception {
    server = RawTls.listen(CA.good(directory, "slow"));
    tls = Tls.openUnwatched(CA.good(directory, "a"));
  }

  @AfterEach
  void stop() throws Exception {
    read.countDown();
    server.close();
    tls.close();
  }

  /** Greets, reads nothing until it may, then everything: the sum of the frames' checks that were right. */
  private CompletableFuture<Integer> readingLate(int frames) {
    CompletableFuture<Integer> right = new CompletableFuture<>();
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (SSLSocket socket = (SSLSocket) server.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                RawPeer.greet(in, new DataOutputStream(socket.getOutputStream()), "slow");
                read.await();
                int good = 0;
                for (int i = 0; i < frames; i++) {
                  int length = in.readInt();
                  in.skipNBytes(4);
                  long id = in.readLong();
                  byte[] body = in.readNBytes(length);
                  good += id == 0 && Arrays.equals(body, body(i)) ? 1 : 0;
                }
                right.complete(good);
                in.read();
              } catch (IOException | InterruptedException e) {
                right.completeExceptionally(e);
              }
            });
    return right;
  }

  private static byte[] body(int number) {
    byte[] body = new byte[BODY_BYTES];
    new Random(number).nextBytes(body);
    return body;
  }

  @Test
  void framesThatWaited_allArriveOnceAndInOrder_whenItReadsAgain() throws Exception {
    int frames = 200; // ten megabytes: more than the sockets hold
    CompletableFuture<Integer> right = readingLate(frames);
    try (Transport a = Peers.node("a", ECHO, Peers.config(), tls)) {
      Link link = a.link(Transport.loopback(server.getLocalPort()));
      for (int i = 0; i < frames; i++) {
        link.send(1, body(i)); // returns, though nobody reads
      }
      assertThat(right).isNotDone();
      read.countDown();
      assertThat(right.get(30, TimeUnit.SECONDS)).isEqualTo(frames);
      assertThat(a.stats().stalls()).isZero();
    }
  }

  @Test
  void peerThatReadsNothing_makesTheLinkBusy_andLosesItsConnectionAfterTheStallTime()
      throws Exception {
    CompletableFuture<Integer> right = readingLate(1_000);
    TransportConfig impatient =
        Peers.config()
            .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(300));
    try (Transport a = Peers.node("a", ECHO, impatient, tls)) {
      Link link = a.link(Transport.loopback(server.getLocalPort()));
      LinkException e = null;
      for (int i = 0; e == null; i++) {
        try {
          link.send(1, body(i));
        } catch (LinkException refused) {
          e = refused;
        }
      }
      assertThat(e.reason()).isEqualTo(LinkException.Reason.BUSY);
      CompletableFuture<byte[]> waiting =
          link.request(1, Frame.EMPTY, System.nanoTime() + 30 * SECOND);
      assertThat(waiting)
          .failsWithin(30, TimeUnit.SECONDS)
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("the peer has read nothing");
      assertThat(a.stats().stalls()).isEqualTo(1);
    }
    read.countDown();
    assertThat(right).failsWithin(30, TimeUnit.SECONDS);
  }
}
