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
 *   accepted ─(TLS)─hello──> served until it ends
 *      ├─────(TLS)─HTTP/2──> spliced to the consensus engine
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
  private final Set<Splice> handedThrough = ConcurrentHashMap.newKeySet();
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

  boolean handsThrough(InetSocketAddress from) {
    return from.getAddress().isLoopbackAddress()
        && handedThrough.stream().anyMatch(splice -> splice.comesFrom(from.getPort()));
  }

  void close() {
    closed = true;
    closeServer();
    open.forEach(Listener::closeQuietly);
    handedThrough.forEach(Splice::close);
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
  private boolean meet(SocketWire plain, InetSocketAddress peer) {
    boolean opening = true;
    long helloNanos = shared.config().helloTimeout().toNanos();
    Opening talk = new Opening(plain, shared.greeting(), peer, helloNanos);
    Wire wire = plain;
    Tls tls = shared.tls();
    TlsWire secured = null;
    try {
      if (closed) {
        return false;
      }
      if (tls != null) {
        secured = TlsWire.accepted(plain, tls, peer, shared.counters());
        if (!secured.accept(helloNanos)) {
          return false;
        }
        wire = secured;
        talk = new Opening(wire, shared.greeting(), peer, helloNanos);
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
      warnOnce(peer, "hostile", peer + " sent hostile bytes: " + e.getMessage());
      tell(talk, secured, null);
    } catch (Refusal e) {
      shared.counters().refusals.increment();
      boolean unused =
          shared.log().warn(peer.getAddress(), String.valueOf(e.getMessage()), System.nanoTime());
      tell(talk, secured, e.toldReason());
    } catch (IOException e) {
      if (opening) {
        shared.counters().refusals.increment();
        warnOnce(peer, "closed", "connection of " + peer + " closed: " + e.getMessage());
      } else {
        LOG.log(Level.DEBUG, "connection of {0} ended: {1}", peer, e);
      }
    } finally {
      if (opening) {
        openings.decrementAndGet();
      }
      if (secured != null) {
        secured.close();
      }
    }
    return false;
  }

  private static void tell(Opening talk, @Nullable TlsWire secured, @Nullable String reason) {
    try {
      if (reason != null) {
        talk.refuse(reason);
      }
      if (secured != null) {
        secured.sendAlert();
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a refused peer could not be told", e);
    }
  }

  /** True when the splice has taken the channel over; under TLS it is over when this returns. */
  private boolean splice(Wire wire, byte[] firstBytes, InetSocketAddress peer) throws IOException {
    InetSocketAddress to = spliceTo;
    if (to == null) {
      throw new Refusal("HTTP/2 from " + peer + ", but no consensus engine runs behind this port");
    }
    if (splices.incrementAndGet() > shared.config().splicesMax()) {
      splices.decrementAndGet();
      throw new Refusal(
          "more than " + shared.config().splicesMax() + " connections to the consensus engine");
    }
    Splice splice = null;
    boolean runsOn = false;
    // Counted before the engine can see it.
    shared.counters().splices.increment();
    try {
      SocketChannel outside = wire instanceof SocketWire plain ? plain.unwrap() : null;
      Splice made =
          new Splice(
              outside == null ? wire : outside,
              Splice.connect(to, Math.toIntExact(shared.config().connectTimeout().toMillis())));
      splice = made;
      handedThrough.add(made);
      if (closed) {
        made.close();
      }
      String name = "limpet-splice-" + peer;
      if (outside == null) {
        made.run(
            wire, firstBytes, shared.threads(), name, shared.config().stallTimeout().toNanos());
      } else {
        Runnable onEnd =
            () -> {
              forget(made);
              connections.decrementAndGet();
            };
        made.start(outside, firstBytes, shared.threads(), name, onEnd);
        runsOn = true;
      }
      return runsOn;
    } finally {
      if (splice == null) {
        shared.counters().splices.decrement();
        splices.decrementAndGet();
      } else if (!runsOn) {
        splice.close();
        forget(splice);
      }
    }
  }

  private void forget(Splice splice) {
    handedThrough.remove(splice);
    splices.decrementAndGet();
  }

  /** Strangers make their bytes up: one line for all of them. */
  private void warnOnce(InetSocketAddress peer, String reason, String message) {
    boolean unused = shared.log().warn(peer.getAddress(), reason, message, System.nanoTime());
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) { // declared by AutoCloseable; there is nothing left to do for it
      LOG.log(Level.DEBUG, "closing failed", e);
    }
  }
}
