package dev.limpet.ledger.ratis;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The advertised port of a node in tests: holds it for the whole test and hands connections through to wherever the
 * node's gRPC listens at the moment, as the node's own transport does. Can be cut.
 */
final class Gateway implements AutoCloseable {
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile @Nullable InetSocketAddress target;
  private volatile boolean cut;

  Gateway() throws IOException {
    listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("gateway").start(this::accept);
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  void target(@Nullable InetSocketAddress address) {
    target = address;
  }

  void cut(boolean now) {
    cut = now;
    if (now) {
      sockets.forEach(Gateway::quietly);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var in = listener.accept();
        var to = target;
        if (cut || to == null) {
          quietly(in);
          continue;
        }
        sockets.add(in);
        Thread.ofVirtual().start(() -> join(in, to));
      } catch (SocketException closed) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void join(Socket in, InetSocketAddress to) {
    try (in;
        var out = new Socket(to.getAddress(), to.getPort())) {
      in.setTcpNoDelay(true);
      out.setTcpNoDelay(true);
      sockets.add(out);
      if (cut) {
        return;
      }
      var back = Thread.ofVirtual().start(() -> pump(out, in));
      pump(in, out);
      back.join();
      sockets.remove(out);
    } catch (IOException | InterruptedException e) {
      // A connection that ends is an ordinary event here.
    } finally {
      sockets.remove(in);
    }
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // As above.
    } finally {
      quietly(from);
      quietly(to);
    }
  }

  private static void quietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // Nothing to do about it.
    }
  }

  @Override
  public void close() {
    quietly(listener);
    sockets.forEach(Gateway::quietly);
  }
}
