package dev.limpet.transport;

import dev.limpet.transport.LinkException.Reason;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One node's connection to all others: the cluster port it listens on, and a {@link Link} to each peer it talks to. For
 * any thread. Threads: one that accepts, one that watches deadlines, one per connection, one more for a connection whose
 * peer reads slowly; all daemons.
 *
 * <p>With {@link Tls}, the port takes nothing else, and every connection has shown a certificate of this cluster before a
 * byte of it is read.
 *
 * <p>Not here: retries, routing, compression, broadcasts.
 */
public final class Transport implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Transport.class.getName());

  private final Shared shared;
  private final Listener listener;
  private final DeadlineClock clock = new DeadlineClock(this::sweep);
  private final Map<InetSocketAddress, Link> links = new ConcurrentHashMap<>();
  private final Runnable renew = () -> links.values().forEach(Link::renew);
  private volatile boolean closed;

  private Transport(Shared shared, Consumer<Throwable> onListenerLost) throws IOException {
    this.shared = shared;
    this.listener = new Listener(shared, onListenerLost);
  }

  /** Without TLS. */
  public static Transport bind(
      TransportConfig config,
      Greeting greeting,
      Handler handler,
      Consumer<Throwable> onListenerLost)
      throws IOException {
    return bind(config, null, greeting, handler, onListenerLost);
  }

  /**
   * Binds the port and begins to accept.
   *
   * @param tls stays open as long as this; null for none
   * @param onListenerLost told if the port is lost other than by {@link #close}; the node must halt then, because others
   *     take a refused connection as evidence of its death
   * @throws IOException when the port cannot be bound
   */
  public static Transport bind(
      TransportConfig config,
      @Nullable Tls tls,
      Greeting greeting,
      Handler handler,
      Consumer<Throwable> onListenerLost)
      throws IOException {
    return bind(config, tls, greeting, handler, Passage.OPEN, onListenerLost);
  }

  /** The same, where what comes in has to pass something first. */
  public static Transport bind(
      TransportConfig config,
      @Nullable Tls tls,
      Greeting greeting,
      Handler handler,
      Passage passage,
      Consumer<Throwable> onListenerLost)
      throws IOException {
    Shared shared =
        new Shared(
            config,
            greeting,
            handler,
            passage,
            new Counters(),
            new Threads(),
            new RareLog(LOG),
            tls);
    Transport transport;
    try {
      transport = new Transport(shared, onListenerLost);
    } catch (IOException e) {
      throw new IOException(
          "cannot bind the cluster port "
              + config.address()
              + ": "
              + e.getMessage()
              + "; stop what listens there or choose another",
          e);
    }
    Thread unused = shared.threads().start("limpet-deadlines", transport.clock);
    if (tls != null) {
      tls.listen(transport.renew);
    }
    transport.listener.start();
    return transport;
  }

  /** The port it is bound to. */
  public int port() {
    return listener.address().getPort();
  }

  /** The link to a peer, the same one each time. Does not connect yet. */
  public Link link(String host, int port) {
    return link(new InetSocketAddress(host, port));
  }

  /** The link to a peer, the same one each time. Does not connect yet. */
  public Link link(InetSocketAddress address) {
    Link link = links.get(address);
    if (link == null) {
      synchronized (links) {
        link = links.get(address);
        if (link == null) {
          link = newLink(address);
          links.put(address, link);
        }
      }
    }
    return link;
  }

  private Link newLink(InetSocketAddress address) {
    if (closed) {
      throw new LinkException(Reason.CLOSED, false, "the transport was closed");
    }
    if (address.isUnresolved()) {
      throw new LinkException(
          Reason.NOT_CONNECTED, false, "the host of " + address + " is not known");
    }
    int max = shared.config().linksMax();
    if (links.size() >= max) {
      throw new LinkException(
          Reason.BUSY, false, max + " links are open; close those of nodes that have left");
    }
    return new Link(shared, address, clock, () -> links.remove(address));
  }

  /** Where connections that begin as HTTP/2 are handed through to; null (as at first) to close them. */
  public void spliceTo(@Nullable InetSocketAddress address) {
    listener.spliceTo(address);
  }

  /**
   * Whether a connection at the consensus engine's private port is one that this transport hands through: anyone on this
   * machine could connect there.
   *
   * @param from the connection's other end, as the engine sees it
   */
  public boolean handsThrough(InetSocketAddress from) {
    return listener.handsThrough(from);
  }

  /**
   * Tries to connect, and closes at once. Waits on the calling thread.
   *
   * @param timeout at least 1 ms
   */
  public ProbeAnswer probe(InetSocketAddress address, Duration timeout) {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.socket().connect(address, Math.toIntExact(Math.max(1, timeout.toMillis())));
      boolean itself = channel.getLocalAddress().equals(channel.getRemoteAddress());
      return itself ? ProbeAnswer.REFUSED : ProbeAnswer.CONNECTED;
    } catch (ConnectException e) {
      // The class alone stands for other errors too.
      boolean refused = e.getMessage() != null && e.getMessage().startsWith("Connection refused");
      return refused ? ProbeAnswer.REFUSED : ProbeAnswer.NO_ANSWER;
    } catch (IOException e) {
      return ProbeAnswer.NO_ANSWER;
    }
  }

  /** The counts so far. */
  public TransportStats stats() {
    return shared.counters().read();
  }

  /** Stops everything and fails what waits; returns within the configured time. Repeatable. */
  @Override
  public void close() {
    synchronized (links) {
      closed = true;
    }
    Tls tls = shared.tls();
    if (tls != null) {
      tls.unlisten(renew);
    }
    listener.close();
    for (Link link : links.values()) {
      link.close();
    }
    clock.close();
    if (!shared.threads().join(shared.config().closeTimeout().toNanos())) {
      LOG.log(
          Level.WARNING,
          "some threads of the transport still run: a handler blocks on a reading thread");
    }
  }

  /** For tests: as if the port had been lost. */
  void losePort() {
    listener.closeServer();
  }

  private boolean sweep(long nowNanos) {
    boolean waiting = false;
    for (Link link : links.values()) {
      waiting |= link.sweep(nowNanos);
    }
    return waiting;
  }

  /** The loopback address with that port, as a convenience for one-machine clusters and tests. */
  public static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
