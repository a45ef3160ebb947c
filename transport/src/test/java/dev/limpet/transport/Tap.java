package dev.limpet.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/** A wire-tap before a node, which may change what passes. */
final class Tap implements AutoCloseable {
  static final Change UNCHANGED = bytes -> bytes;

  /** What becomes of bytes that pass. */
  interface Change {
    byte[] of(byte[] bytes);
  }

  private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  private final ByteArrayOutputStream toServer = new ByteArrayOutputStream();

  private Tap() throws IOException {}

  static Tap before(Transport node, Change toServer, Change toClient) throws IOException {
    Tap tap = new Tap();
    Thread unused =
        Thread.ofPlatform().daemon().start(() -> tap.acceptAll(node.port(), toServer, toClient));
    return tap;
  }

  /** The next bytes that pass once it is on, and no others. */
  static Change once(AtomicBoolean on, Change change) {
    return bytes -> on.getAndSet(false) ? change.of(bytes) : bytes;
  }

  private void acceptAll(int port, Change toServer, Change toClient) {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread unusedUp = Thread.ofPlatform().daemon().start(() -> pass(near, far, toServer, true));
        Thread unusedDown =
            Thread.ofPlatform().daemon().start(() -> pass(far, near, toClient, false));
      } catch (IOException e) {
        return; // the test is over
      }
    }
  }

  private void pass(Socket from, Socket to, Change change, boolean record) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[64 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        byte[] bytes = Arrays.copyOf(buffer, n);
        if (record) {
          synchronized (toServer) {
            toServer.writeBytes(bytes);
          }
        }
        out.write(change.of(bytes));
      }
    } catch (IOException e) {
      return; // one side has closed
    }
  }

  /** All that went to the node so far, as it came. */
  byte[] toServer() {
    synchronized (toServer) {
      return toServer.toByteArray();
    }
  }

  int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
