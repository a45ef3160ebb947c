package dev.limpet.transport;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The node's cluster port: bound once, held to the end. One thread accepts; each accepted connection gets a thread that
 * finds out what it is and then serves it:
 *
 * <pre>
 *   accepted ──hello──> served until it ends
 *      ├────HTTP/2────> spliced to the consensus engine
 *      └──anything else, or nothing in time──> closed and counted
 * </pre>
 */
final class Listener {
  private static final System.Logger LOG = System.getLogger(Listener.class.getName());
  private static final long ACCEPT_FAILED_PAUSE_NANOS = 50_000_000;

  private final Shared shared;
  private final ServerSocketChannel server;
  private final Consumer<Throwable> onLost;
  private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger openings = new AtomicInteger();
  private final AtomicInteger splices = new AtomicInteger();
  private volatile @Nullable InetSocketAddress spliceTo;
  private volatile boolean closed;

  Listener(Shared shared, Consumer<Throwable> onLost) throws IOException {
    this.shared = shared;
    this.onLost = onLost;
    this.server = ServerSocketChannel.open();
    try {
      server.bind(shared.config().address(), 512);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  void start() {
    Thread unused = shared.threads().start("limpet-accept-" + address().getPort(), this::acceptAll);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) server.socket().getLocalSocketAddress();
  }

  void spliceTo(@Nullable InetSocketAddress address) {
    spliceTo = address;
  }

  void close() {
    closed = true;
    closeServer();
    for (AutoCloseable each : open) {
      closeQuietly(each);
    }
  }

  /** Closes the port alone: by {@link #close}, or in a test, as if the port had been lost. */
  void closeServer() {
    closeQuietly(server);
  }

  private void acceptAll() {
    Throwable cause = new IllegalStateException("the accept loop ended");
    try {
      while (true) {
        try {
          accept(server.accept());
        } catch (ClosedChannelException e) {
          cause = e;
          return;
        } catch (IOException e) { // too many open files, above all: the port is still held
          LOG.log(Level.WARNING, "a connection could not be accepted; trying on", e);
          LockSupport.parkNanos(this, ACCEPT_FAILED_PAUSE_NANOS);
        }
      }
    } catch (RuntimeException | Error e) {
      cause = e;
      throw e;
    } finally {
      if (!closed) {
        onLost.accept(cause);
      }
    }
  }

  private void accept(SocketChannel channel) {
    int max = shared.config().connectionsMax() + shared.config().splicesMax();
    if (connections.get() >= max || openings.get() >= shared.config().openingsMax()) {
      shared.counters().refusals.increment();
      closeQuietly(channel);
      return;
    }
    connections.incrementAndGet();
    openings.incrementAndGet();
    try {
      Thread unused =
          shared
              .threads()
              .start("limpet-serve-" + channel.socket().getPort(), () -> greet(channel));
    } catch (OutOfMemoryError e) { // no thread to be had: this connection fails, the port lives
      LOG.log(Level.WARNING, "no thread could be started for a connection", e);
      connections.decrementAndGet();
      openings.decrementAndGet();
      closeQuietly(channel);
    }
  }

  private void greet(SocketChannel channel) {
    InetSocketAddress peer = (InetSocketAddress) channel.socket().getRemoteSocketAddress();
    boolean handedOn = false;
    open.add(channel);
    try (SocketWire wire = new SocketWire(channel)) {
      open.add(wire);
      try {
        handedOn = meet(wire, peer);
      } finally {
        open.remove(wire);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "connection of {0} could not be set up: {1}", peer, e);
    } finally {
      open.remove(channel);
      if (!handedOn) {
        closeQuietly(channel);
        connections.decrementAndGet();
      }
    }
  }

  /** All that happens on one connection. Counts before it closes, so that who sees the end sees the count. */
  private boolean meet(SocketWire wire, InetSocketAddress peer) {
    boolean opening = true;
    Opening talk =
        new Opening(wire, shared.greeting(), peer, shared.config().helloTimeout().toNanos());
    try {
      if (closed) {
        return false;
      }
      Opening.Caller caller = talk.accept();
      opening = false;
      openings.decrementAndGet();
      switch (caller) {
        case Opening.Caller.Node node -> {
          shared.counters().accepts.increment();
          new Served(shared, peer, wire, node.hello).serve();
        }
        case Opening.Caller.Engine engine -> {
          return splice(wire, engine.firstBytes, peer);
        }
        case Opening.Caller.Nobody() -> {}
      }
    } catch (HostileBytes e) {
      shared.counters().hostile.increment();
      warn(peer, peer + " sent hostile bytes: " + e.getMessage());
    } catch (Refusal e) {
      shared.counters().refusals.increment();
      warn(peer, String.valueOf(e.getMessage()));
      tell(talk, e.toldReason());
    } catch (IOException e) {
      if (opening) {
        shared.counters().refusals.increment();
        warn(peer, "connection of " + peer + " closed: " + e.getMessage());
      } else {
        LOG.log(Level.DEBUG, "connection of {0} ended: {1}", peer, e);
      }
    } finally {
      if (opening) {
        openings.decrementAndGet();
      }
    }
    return false;
  }

  private static void tell(Opening talk, @Nullable String reason) {
    try {
      if (reason != null) {
        talk.refuse(reason);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a refused peer could not be told", e);
    }
  }

  /** True when the splice has taken the channel over. */
  private boolean splice(SocketWire wire, byte[] firstBytes, InetSocketAddress peer)
      throws IOException {
    InetSocketAddress to = spliceTo;
    if (to == null) {
      throw new Refusal("HTTP/2 from " + peer + ", but no consensus engine runs behind this port");
    }
    if (splices.incrementAndGet() > shared.config().splicesMax()) {
      splices.decrementAndGet();
      throw new Refusal(
          "more than " + shared.config().splicesMax() + " connections to the consensus engine");
    }
    boolean started = false;
    // Counted before the engine can see it.
    shared.counters().splices.increment();
    try {
      SocketChannel outside = wire.unwrap();
      Ending ending = new Ending();
      int timeoutMillis = Math.toIntExact(shared.config().connectTimeout().toMillis());
      Splice splice = Splice.connect(outside, firstBytes, to, timeoutMillis, ending);
      ending.splice = splice;
      open.add(splice);
      started = true;
      splice.start(shared.threads(), "limpet-splice-" + peer);
      if (closed) {
        splice.close();
      }
      return true;
    } finally {
      if (!started) {
        shared.counters().splices.decrement();
        splices.decrementAndGet();
      }
    }
  }

  /** Forgets a splice when it has ended. */
  private final class Ending implements Runnable {
    private volatile @Nullable Splice splice;

    @Override
    public void run() {
      Splice ended = splice;
      if (ended != null) {
        open.remove(ended);
      }
      splices.decrementAndGet();
      connections.decrementAndGet();
    }
  }

  private void warn(InetSocketAddress peer, String message) {
    boolean unused = shared.log().warn(peer.getAddress(), message, System.nanoTime());
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) { // declared by AutoCloseable; there is nothing left to do for it
      LOG.log(Level.DEBUG, "closing failed", e);
    }
  }
}
