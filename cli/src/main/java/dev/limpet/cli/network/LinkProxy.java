package dev.limpet.cli.network;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stands in one node's way to another: it listens where the node believes the other one to be, and connects to where it
 * is. What passes, and how, is up to the two links. Thread-safe.
 */
public final class LinkProxy implements Closeable {
  private static final int CONNECT_MILLIS = 1_000;
  private static final int BACKLOG = 64;
  private static final int CONNECTIONS_MAX = 1_000;

  private final InetSocketAddress listenAt;
  private final InetSocketAddress target;
  private final Link there = new Link();
  private final Link back = new Link();
  private final AtomicLong seeds;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private @Nullable Listener listener;
  private boolean closed;

  /** A socket listening, and the thread that takes who calls it. */
  private record Listener(ServerSocket socket, Thread accepting) {
    /**
     * Returns when nobody can connect any more: as long as its thread is inside of accept, the kernel keeps a closed
     * socket listening.
     */
    void end() {
      LinkProxy.close(socket);
      boolean interrupted = false;
      while (accepting.isAlive()) {
        try {
          accepting.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private LinkProxy(InetSocketAddress listenAt, InetSocketAddress target, long seed) {
    this.listenAt = listenAt;
    this.target = target;
    this.seeds = new AtomicLong(seed);
  }

  /**
   * Begins to listen; both links are good.
   *
   * @param listenAt where to; port 0 for any
   * @param target where connections go
   * @param seed of what is drawn: jitter, losses, flipped bits
   */
  public static LinkProxy start(InetSocketAddress listenAt, InetSocketAddress target, long seed)
      throws IOException {
    ServerSocket first = bind(listenAt);
    InetSocketAddress bound = new InetSocketAddress(listenAt.getAddress(), first.getLocalPort());
    LinkProxy proxy = new LinkProxy(bound, target, seed);
    proxy.listen(first);
    return proxy;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return listenAt;
  }

  /** Sets the link that connections are made along. */
  public void setThere(LinkState state) throws IOException {
    there.set(state);
    apply();
  }

  /** Sets the link by which answers come back. */
  public void setBack(LinkState state) throws IOException {
    back.set(state);
    apply();
  }

  /** How many bits were flipped so far, both ways. */
  public long flipped() {
    return there.flipped() + back.flipped();
  }

  private synchronized void apply() throws IOException {
    boolean refused = there.state().refused() || back.state().refused();
    Listener listening = listener;
    if (refused && listening != null) {
      listener = null;
      listening.end();
      open.forEach(LinkProxy::reset);
    } else if (!refused && listening == null && !closed) {
      listen(bind(listenAt));
    }
  }

  private synchronized void listen(ServerSocket socket) {
    listener =
        new Listener(
            socket, Thread.ofVirtual().name("accept-" + target).start(() -> accept(socket)));
  }

  private static ServerSocket bind(InetSocketAddress address) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(address, BACKLOG);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      Socket caller;
      try {
        caller = socket.accept();
      } catch (IOException e) {
        // Closed, to refuse: the loop ends by itself. Anything else concerns one connection only.
        continue;
      }
      if (open.size() >= CONNECTIONS_MAX) {
        reset(caller);
      } else {
        open.add(caller);
        Thread unused = Thread.ofVirtual().start(() -> relay(caller));
      }
    }
  }

  private void relay(Socket caller) {
    Socket callee = new Socket();
    try {
      // The first word and its answer take their time, too.
      there.awaitPassage(System.nanoTime(), 1, 0, 1);
      back.awaitPassage(System.nanoTime(), 1, 0, 1);
      caller.setTcpNoDelay(true);
      callee.setTcpNoDelay(true);
      callee.connect(target, CONNECT_MILLIS);
    } catch (IOException e) {
      reset(caller);
      close(callee);
      open.remove(caller);
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    open.add(callee);
    open.removeIf(Socket::isClosed);
    new Pump(caller, callee, there, seeds.incrementAndGet()).start("there");
    new Pump(callee, caller, back, seeds.incrementAndGet()).start("back");
  }

  /** Ends a connection as a host does that knows nothing of it. */
  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException e) {
      // It is closed already.
    }
    close(socket);
  }

  static void close(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is as good as closed.
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (listener != null) {
      listener.end();
    }
    open.forEach(LinkProxy::close);
  }
}
