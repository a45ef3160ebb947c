package dev.limpet.transport;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A plain TCP connection. */
/*
 * The channel is non-blocking, though a thread of its own reads it, for the sake of the writers. They are the callers
 * themselves, often virtual threads. A blocking write would keep a caller captive, past its deadline, behind a peer that
 * does not read; and an interrupt during it would close the channel (that is what interruptible channels do), so that
 * one cancelled caller would cost everybody their connection. A non-blocking write does neither.
 *
 * The price is a selector for the reader and one for whoever waits to write, made when first needed.
 */
final class SocketWire implements Wire {
  private static final Consumer<SelectionKey> READY = key -> {};

  private final SocketChannel channel;
  private final Selector readable;
  private final Object guard = new Object();
  private @Nullable Selector writable; // guarded by guard
  private boolean closed; // guarded by guard
  private boolean moreLikely; // reader only: the last read filled the buffer

  SocketWire(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    this.readable = Selector.open();
    try {
      channel.register(readable, SelectionKey.OP_READ);
    } catch (IOException e) {
      readable.close();
      throw e;
    }
  }

  @Override
  public int read(ByteBuffer into, long timeoutNanos) throws IOException {
    if (moreLikely) {
      int n = receive(into);
      if (n != 0) {
        return n;
      }
    }
    boolean forever = timeoutNanos == Long.MAX_VALUE;
    long deadline = forever ? 0 : System.nanoTime() + timeoutNanos;
    while (true) {
      long left = forever ? 0 : deadline - System.nanoTime();
      if (!forever && left <= 0) {
        return 0;
      }
      select(readable, left);
      int n = receive(into);
      if (n != 0) {
        return n;
      }
      // A handler may have left its thread interrupted, and select would then spin.
      if (Thread.interrupted() && !channel.isOpen()) {
        throw new ClosedChannelException();
      }
    }
  }

  private int receive(ByteBuffer into) throws IOException {
    int n = channel.read(into);
    moreLikely = !into.hasRemaining();
    return n;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return channel.write(from);
  }

  @Override
  public void awaitWritable(long timeoutNanos) throws IOException {
    Selector selector;
    synchronized (guard) {
      if (closed) {
        throw new ClosedChannelException();
      }
      selector = writable;
      if (selector == null) {
        selector = Selector.open();
        writable = selector;
        channel.register(selector, SelectionKey.OP_WRITE);
      }
    }
    select(selector, timeoutNanos);
  }

  private static void select(Selector selector, long timeoutNanos) throws IOException {
    try {
      long millis =
          timeoutNanos == 0 ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
      selector.select(READY, millis);
    } catch (ClosedSelectorException e) {
      throw (ClosedChannelException) new ClosedChannelException().initCause(e);
    }
  }

  @Override
  public void endOutput() throws IOException {
    SocketChannel unused = channel.shutdownOutput();
  }

  /** Gives the channel back, blocking again, for a splice. The wire is of no use afterwards. */
  SocketChannel unwrap() throws IOException {
    synchronized (guard) {
      closed = true;
      closeSelectors();
    }
    channel.configureBlocking(true);
    return channel;
  }

  @Override
  public void close() {
    synchronized (guard) {
      if (closed) {
        return;
      }
      closed = true;
      closeSelectors();
    }
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing more can be done for it, and nobody can be told anything new.
      return;
    }
  }

  // First the selectors: a channel that is still registered keeps its file descriptor after
  // close().
  private void closeSelectors() {
    try {
      readable.close();
      if (writable != null) {
        writable.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("selector did not close", e);
    }
  }
}
