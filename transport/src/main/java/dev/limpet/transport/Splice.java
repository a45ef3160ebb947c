package dev.limpet.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection handed through, byte for byte, to a local port: two virtual threads copy, one each way. An end of either
 * side is passed on as such; when both have ended, or either failed, both sockets are closed.
 */
final class Splice implements AutoCloseable {
  private static final int BUFFER_BYTES = 32 << 10;

  private final SocketChannel outside;
  private final SocketChannel inside;
  private final AtomicInteger open = new AtomicInteger(2);
  private final Runnable onEnd;

  private Splice(SocketChannel outside, SocketChannel inside, Runnable onEnd) {
    this.outside = outside;
    this.inside = inside;
    this.onEnd = onEnd;
  }

  /** Connects to the local port and brings it the first bytes. Closes what it opened if that fails. */
  static Splice connect(
      SocketChannel outside,
      byte[] firstBytes,
      InetSocketAddress to,
      int timeoutMillis,
      Runnable onEnd)
      throws IOException {
    SocketChannel inside = SocketChannel.open();
    try {
      inside.socket().connect(to, timeoutMillis);
      inside.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer first = ByteBuffer.wrap(firstBytes);
      while (first.hasRemaining()) {
        inside.write(first);
      }
      return new Splice(outside, inside, onEnd);
    } catch (IOException e) {
      inside.close();
      throw e;
    }
  }

  /** Begins to copy; returns at once. */
  void start(Threads threads, String name) {
    Thread unusedIn = threads.startVirtual(name + "-in", () -> copy(outside, inside));
    Thread unusedOut = threads.startVirtual(name + "-out", () -> copy(inside, outside));
  }

  private void copy(SocketChannel from, SocketChannel to) {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      while (from.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
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

  @Override
  public void close() {
    closeQuietly(outside);
    closeQuietly(inside);
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger(Splice.class.getName()).log(System.Logger.Level.DEBUG, "closing failed", e);
    }
  }
}
