package dev.limpet.transport;

import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that come in one read, and are handled on virtual threads. */
@Timeout(10)
class RelayTest {
  /** Brings all requests in one read, and keeps the answers. */
  private static final class OneRead implements Wire {
    private final CountDownLatch readAgain = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final BlockingQueue<Long> answered = new LinkedBlockingQueue<>();
    private final BlockingQueue<Byte> types = new LinkedBlockingQueue<>();
    private final int requests;
    private boolean read;

    OneRead(int requests) {
      this.requests = requests;
    }

    @Override
    public int read(ByteBuffer into, long timeoutNanos) throws IOException {
      if (read) {
        readAgain.countDown();
        try {
          closed.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        return -1;
      }
      read = true;
      int before = into.position();
      for (int i = 0; i < requests; i++) {
        into.putInt(0).put(Frame.REQUEST).put((byte) 0).putShort((short) 1).putLong(i);
      }
      return into.position() - before;
    }

    @Override
    public int write(ByteBuffer from) {
      int n = from.remaining();
      while (from.hasRemaining()) {
        int length = from.getInt();
        types.add(from.get());
        from.get();
        from.getShort();
        answered.add(from.getLong());
        from.position(from.position() + length);
      }
      return n;
    }

    @Override
    public void awaitWritable(long timeoutNanos) {}

    @Override
    public void endOutput() {}

    @Override
    public void close() {
      closed.countDown();
    }
  }

  private final Threads threads = new Threads();
  private OneRead wire = new OneRead(0);

  private void serve(int requests, Consumer<Inbound> work) {
    wire = new OneRead(requests);
    InetSocketAddress peer = Transport.loopback(1);
    Shared shared =
        new Shared(
            Peers.config(),
            Peers.named("home"),
            request -> request.handle(work),
            Passage.OPEN,
            new Counters(),
            threads,
            new RareLog(System.getLogger("relay")),
            null);
    Thread unused =
        threads.start(
            "reader",
            () -> {
              try {
                new Served(shared, peer, wire, utf8("caller")).serve();
              } catch (IOException e) {
                System.getLogger("relay").log(Logger.Level.INFO, "the reader ended", e);
              }
            });
  }

  @AfterEach
  void end() {
    wire.close();
    assertThat(threads.join(TimeUnit.SECONDS.toNanos(10))).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** None ends before the last has begun, so each needs a thread of its own. */
  @Test
  void requestsThatBlock_holdUpNoneBehindThem() throws Exception {
    int requests = 100;
    CountDownLatch[] begun = new CountDownLatch[requests];
    for (int i = 0; i < requests; i++) {
      begun[i] = new CountDownLatch(1);
    }
    AtomicInteger next = new AtomicInteger();
    serve(
        requests,
        request -> {
          begun[next.getAndIncrement()].countDown();
          await(begun[requests - 1]);
          request.reply(Frame.EMPTY);
        });
    for (int i = 0; i < requests; i++) {
      wire.answered.take();
    }
  }

  /**
   * All block but the very first one, which is answered when the reading thread has no part in it any more; so many that
   * some are left for its runner.
   */
  @Test
  void answerGivenByARunnerThatThenBlocks_isWritten() throws Exception {
    int requests = 4000;
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean first = new AtomicBoolean(true);
    serve(
        requests,
        request -> {
          while (wire.readAgain.getCount() > 0) {
            Thread.onSpinWait(); // holds on to the processor: no other runner gets ahead meanwhile
          }
          if (!first.compareAndSet(true, false)) {
            await(done);
          }
          request.reply(Frame.EMPTY);
        });
    wire.answered.take();
    assertThat(wire.answered).isEmpty();
    done.countDown();
    for (int i = 1; i < requests; i++) {
      wire.answered.take();
    }
  }

  @Test
  void requestsThatDoNotBlock_shareThreads() throws Exception {
    int requests = 1000;
    Set<Thread> runners = ConcurrentHashMap.newKeySet();
    serve(
        requests,
        request -> {
          runners.add(Thread.currentThread());
          request.reply(Frame.EMPTY);
        });
    for (int i = 0; i < requests; i++) {
      wire.answered.take();
    }
    assertThat(runners).hasSizeLessThan(requests / 2);
    assertThat(runners).allMatch(Thread::isVirtual);
  }

  @Test
  void requestWhoseHandlingFails_isFailed_andTheOthersAreAnswered() throws Exception {
    int requests = 20;
    AtomicInteger begun = new AtomicInteger();
    serve(
        requests,
        request -> {
          if (begun.incrementAndGet() == 5) {
            throw new StackOverflowError("on purpose");
          }
          request.reply(Frame.EMPTY);
        });
    int failed = 0;
    for (int i = 0; i < requests; i++) {
      failed += wire.types.take() == Frame.FAILURE ? 1 : 0;
    }
    assertThat(failed).isEqualTo(1);
  }

  @Test
  void interruptThatARequestLeavesBehind_isNotSeenByTheNext() throws Exception {
    int requests = 200;
    BlockingQueue<Boolean> seen = new LinkedBlockingQueue<>();
    serve(
        requests,
        request -> {
          seen.add(Thread.currentThread().isInterrupted());
          Thread.currentThread().interrupt();
          request.reply(Frame.EMPTY);
        });
    for (int i = 0; i < requests; i++) {
      assertThat(seen.take()).isFalse();
    }
  }
}
