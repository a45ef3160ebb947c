package dev.limpet.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection handed through, byte for byte, to a local port: two threads copy, one each way. An end of either side is
 * passed on as such; when both have ended, or either failed, both sockets are closed. Under TLS the first end closes
 * both, nothing that speaks HTTP/2 goes on one way only; but when the local port ends first, what the other side has under
 * way is still read, since bytes that nobody reads turn its end into a reset, which takes the last answer with it.
 */
final class Splice implements AutoCloseable {
  private static final int BUFFER_BYTES = 32 << 10;
  private static final long LINGER_MILLIS = 250;

  private final AutoCloseable outside;
  private final SocketChannel inside;
  private final int port;
  private final AtomicInteger open = new AtomicInteger(2);

  /**
   * Between a connection and one that {@link #connect} made. Nothing is copied yet.
   *
   * @param outside closed at the end
   */
  Splice(AutoCloseable outside, SocketChannel inside) {
    this.outside = outside;
    this.inside = inside;
    this.port = inside.socket().getLocalPort();
  }

  /** Connects to the local port. */
  static SocketChannel connect(InetSocketAddress to, int timeoutMillis) throws IOException {
    SocketChannel inside = SocketChannel.open();
    try {
      inside.socket().connect(to, timeoutMillis);
      inside.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return inside;
    } catch (IOException e) {
      inside.close();
      throw e;
    }
  }

  /** Whether it is this that comes from a port of this machine. Never true of a port that others may have by now. */
  boolean comesFrom(int localPort) {
    return port == localPort && inside.isOpen();
  }

  /**
   * Copies between two plain connections; returns at once.
   *
   * @param onEnd run when all is over
   */
  void start(SocketChannel from, byte[] firstBytes, Threads threads, String name, Runnable onEnd)
      throws IOException {
    writeAll(inside, ByteBuffer.wrap(firstBytes));
    Thread unusedIn = threads.start(name + "-in", () -> copy(from, inside, onEnd));
    Thread unusedOut = threads.start(name + "-out", () -> copy(inside, from, onEnd));
  }

  private void copy(SocketChannel from, SocketChannel to, Runnable onEnd) {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      while (from.read(buffer.clear()) >= 0) {
        writeAll(to, buffer.flip());
      }
      to.shutdownOutput();
    } catch (IOException e) {
      close();
    } finally {
      if (open.decrementAndGet() == 0) {
        close();
        onEnd.run();
      }
    }
  }

  /** Copies until either side ends; what comes from outside on the calling thread. */
  void run(Wire from, byte[] firstBytes, Threads threads, String name, long stallNanos)
      throws IOException {
    writeAll(inside, ByteBuffer.wrap(firstBytes));
    CountDownLatch ended = new CountDownLatch(1);
    Thread out = threads.startVirtual(name + "-out", () -> copyOut(from, stallNanos, ended));
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      while (from.read(buffer.clear(), Long.MAX_VALUE) >= 0) {
        writeAll(inside, buffer.flip());
      }
    } finally {
      ended.countDown();
      close();
      join(out);
    }
  }

  private void copyOut(Wire to, long stallNanos, CountDownLatch otherEnded) {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      while (inside.read(buffer.clear()) >= 0) {
        buffer.flip();
        long movedAt = System.nanoTime();
        while (buffer.hasRemaining()) {
          if (to.write(buffer) > 0) {
            movedAt = System.nanoTime();
            continue;
          }
          long left = stallNanos - (System.nanoTime() - movedAt);
          if (left <= 0) {
            return;
          }
          to.awaitWritable(left);
        }
      }
      to.endOutput();
      boolean unused = otherEnded.await(LINGER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      log(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  // It ends at once: both its sockets are closed.
  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void writeAll(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  @Override
  public void close() {
    closeQuietly(outside);
    closeQuietly(inside);
  }

  private static void closeQuietly(AutoCloseable end) {
    try {
      end.close();
    } catch (Exception e) { // declared by AutoCloseable; there is nothing left to do for it
      log(e);
    }
  }

  private static void log(Exception e) {
    System.getLogger(Splice.class.getName())
        .log(System.Logger.Level.DEBUG, "a splice has ended", e);
  }
}
