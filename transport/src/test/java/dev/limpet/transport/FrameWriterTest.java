package dev.limpet.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.transport.FrameWriter.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The combining writer over a wire that takes what it likes. */
@Timeout(30)
class FrameWriterTest {
  /** Takes a random part of what it is given, sometimes nothing; what it took can be read from it. */
  private static final class MoodyWire implements Wire {
    private final Random random;
    private final BlockingQueue<byte[]> taken = new ArrayBlockingQueue<>(100_000);
    private final AtomicInteger writers = new AtomicInteger();
    private volatile boolean twoWrote;
    volatile boolean takesNothing;
    volatile boolean breaks;
    private byte[] rest = Frame.EMPTY;

    MoodyWire(long seed) {
      random = new Random(seed);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      if (writers.incrementAndGet() > 1) {
        twoWrote = true;
      }
      try {
        if (breaks) {
          throw new IOException("broken");
        }
        int mood = random.nextInt(4);
        int n =
            takesNothing || mood == 0
                ? 0
                : mood == 1 ? random.nextInt(from.remaining()) : from.remaining();
        byte[] part = new byte[n];
        from.get(part);
        if (n > 0) {
          taken.add(part);
        }
        return n;
      } finally {
        writers.decrementAndGet();
      }
    }

    @Override
    public int read(ByteBuffer into, long timeoutNanos) throws IOException {
      try {
        if (rest.length == 0) {
          rest = taken.take();
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      int n = Math.min(into.remaining(), rest.length);
      into.put(rest, 0, n);
      byte[] left = new byte[rest.length - n];
      System.arraycopy(rest, n, left, 0, left.length);
      rest = left;
      return n;
    }

    @Override
    public void awaitWritable(long timeoutNanos) {}

    @Override
    public void endOutput() {}

    @Override
    public void close() {}
  }

  private final Counters counters = new Counters();
  private final CompletableFuture<String> broken = new CompletableFuture<>();

  private FrameWriter writer(int pendingBytesMax) {
    return new FrameWriter(
        Peers.config(), pendingBytesMax, counters, Thread::startVirtualThread, broken::complete);
  }

  @Test
  void manyAppenders_everyFrameOnce_inEachOnesOrder_oneWriterAtATime() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    MoodyWire wire = new MoodyWire(seed);
    FrameWriter writer = writer(1 << 28);
    int appenders = 20;
    int each = 500;
    for (int a = 0; a < appenders; a++) {
      int kind = a;
      Random random = new Random(seed + a);
      Thread.Builder builder = a % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform();
      Thread unused =
          builder.start(() -> {
            for (int i = 0; i < each; i++) {
              byte[] body =
                  new byte[random.nextInt(30) == 0 ? random.nextInt(200_000) : random.nextInt(100)];
              java.util.Arrays.fill(body, (byte) (kind + i));
              boolean cork = random.nextInt(10) == 0;
              Outcome outcome =
                  writer.append(
                      Frame.REQUEST,
                      kind,
                      i,
                      body,
                      null,
                      cork,
                      random.nextBoolean(),
                      System.nanoTime());
              assertThat(outcome).isEqualTo(Outcome.QUEUED);
              if (cork) {
                writer.flush();
              }
            }
          });
    }
    writer.open(wire);
    Map<Integer, Integer> seen = new HashMap<>();
    readFrames(
        wire,
        appenders * each,
        (type, kind, id, body) -> {
          assertThat((int) id).isEqualTo(seen.getOrDefault(kind, 0));
          seen.put(kind, (int) id + 1);
          for (byte b : body) {
            if (b != (byte) (kind + id)) {
              throw new IOException("torn body of " + kind + "/" + id);
            }
          }
        });
    assertThat(seen)
        .hasSize(appenders)
        .allSatisfy((kind, count) -> assertThat(count).isEqualTo(each));
    assertThat(wire.twoWrote).isFalse();
  }

  /** Takes all that it is given, once it may. */
  private static final class HeldWire implements Wire {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger taken = new AtomicInteger();

    @Override
    public int write(ByteBuffer from) throws IOException {
      reached.countDown();
      try {
        released.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      int n = from.remaining();
      from.position(from.limit());
      taken.addAndGet(n);
      return n;
    }

    @Override
    public int read(ByteBuffer into, long timeoutNanos) {
      return -1;
    }

    @Override
    public void awaitWritable(long timeoutNanos) {}

    @Override
    public void endOutput() {}

    @Override
    public void close() {}
  }

  @Test
  void whatIsFlushedWhileSomebodyWrites_isWrittenByThem() throws Exception {
    FrameWriter writer = writer(1 << 20);
    HeldWire wire = new HeldWire();
    writer.open(wire);
    Thread first = Thread.startVirtualThread(() -> append(writer, 84, null));
    wire.reached.await();
    assertThat(writer.append(Frame.REQUEST, 1, 2, new byte[284], null, true, false, 0))
        .isEqualTo(Outcome.QUEUED);
    writer.flush();
    wire.released.countDown();
    first.join();
    assertThat(wire.taken).hasValue(400);
  }

  @Test
  void pendingBytes_areBounded() {
    FrameWriter writer = writer(1000);
    assertThat(append(writer, 400, null)).isEqualTo(Outcome.QUEUED);
    assertThat(append(writer, 400, null)).isEqualTo(Outcome.QUEUED);
    assertThat(append(writer, 400, null)).isEqualTo(Outcome.BUSY);
    assertThat(append(writer, 1000 - 2 * 416 - 16, null)).isEqualTo(Outcome.QUEUED);
    assertThat(writer.pendingBytes()).isEqualTo(1000);
    assertThat(append(writer, 0, null)).isEqualTo(Outcome.BUSY);
  }

  @Test
  void takenBackBeforeItLeft_isVoid_andTheOthersPass() throws Exception {
    FrameWriter writer = writer(1 << 20);
    Call.Promised first = new Call.Promised(0);
    Call.Promised second = new Call.Promised(0);
    Call.Promised never = new Call.Promised(0);
    assertThat(append(writer, 10, first)).isEqualTo(Outcome.QUEUED);
    assertThat(append(writer, 100_000, second)).isEqualTo(Outcome.QUEUED);
    assertThat(writer.takeBack(first)).isTrue();
    assertThat(writer.takeBack(never)).isTrue();
    assertThat(append(writer, 10, never)).isEqualTo(Outcome.QUEUED);
    MoodyWire wire = new MoodyWire(1);
    writer.open(wire);
    List<Integer> sizes = new ArrayList<>();
    readFrames(wire, 1, (type, kind, id, body) -> sizes.add(body.length));
    assertThat(sizes).containsExactly(100_000);
    assertThat(writer.takeBack(second)).isFalse();
  }

  @Test
  void closed_knowsWhatNeverLeft() {
    FrameWriter writer = writer(1 << 20);
    MoodyWire wire = new MoodyWire(1);
    wire.takesNothing = true;
    Call.Promised attempted = new Call.Promised(0);
    Call.Promised behind = new Call.Promised(0);
    append(writer, 10, attempted);
    writer.open(wire);
    append(writer, 100_000, behind);
    writer.close();
    assertThat(writer.mayHaveLeft(attempted)).isTrue();
    assertThat(writer.mayHaveLeft(behind)).isFalse();
    assertThat(append(writer, 10, null)).isEqualTo(Outcome.CLOSED);
  }

  @Test
  void brokenWire_isReported_andTakesNothingMore() throws Exception {
    FrameWriter writer = writer(1 << 20);
    MoodyWire wire = new MoodyWire(1);
    wire.breaks = true;
    writer.open(wire);
    append(writer, 10, null);
    assertThat(broken.get()).contains("broken");
    assertThat(append(writer, 10, null)).isEqualTo(Outcome.CLOSED);
  }

  private static Outcome append(FrameWriter writer, int bytes, Call call) {
    return writer.append(Frame.REQUEST, 1, 1, new byte[bytes], call, false, false, 0);
  }

  private interface Frames {
    void frame(byte type, int kind, long id, byte[] body) throws IOException;
  }

  private static final class Enough extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private void readFrames(Wire wire, int count, Frames frames) throws IOException {
    int[] read = {0};
    FrameReader.Sink sink =
        new FrameReader.Sink() {
          @Override
          public void frame(byte type, int kind, long id, byte[] body) throws IOException {
            frames.frame(type, kind, id, body);
            read[0]++;
          }

          @Override
          public void readEnds() throws IOException {
            if (read[0] == count) {
              throw new Enough();
            }
          }
        };
    try {
      new FrameReader(wire, Peers.config(), counters, sink).readToEnd();
    } catch (Enough e) {
      assertThat(read[0]).isEqualTo(count);
    }
  }
}
