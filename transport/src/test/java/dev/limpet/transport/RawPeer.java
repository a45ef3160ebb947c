package dev.limpet.transport;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A peer made of plain sockets, which may behave as badly as a test wants. */
final class RawPeer implements AutoCloseable {
  /** What it does with a connection; when it returns, the connection is closed. */
  interface Behaviour {
    void meet(Socket socket, DataInputStream in, DataOutputStream out) throws Exception;
  }

  private final ServerSocket server;

  private RawPeer(ServerSocket server) {
    this.server = server;
  }

  /** Listens and meets one connection after the other. */
  static RawPeer listening(Behaviour behaviour) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
              behaviour.meet(
                  socket,
                  new DataInputStream(socket.getInputStream()),
                  new DataOutputStream(socket.getOutputStream()));
            } catch (Exception e) {
              continue; // the node closed it, or the test is over
            }
          }
        });
    return new RawPeer(server);
  }

  static Socket connect(Transport to) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Reads the other side's hello and sends one. */
  static void greet(DataInputStream in, DataOutputStream out) throws IOException {
    greet(in, out, "raw");
  }

  static void greet(DataInputStream in, DataOutputStream out, String name) throws IOException {
    readHello(in);
    writeHello(out, Opening.VERSION, name);
  }

  static void readHello(DataInputStream in) throws IOException {
    in.skipNBytes(8);
    in.skipNBytes(in.readInt());
  }

  static void writeHello(DataOutputStream out, int version, String name) throws IOException {
    out.writeBytes("LMPT");
    out.writeShort(version);
    out.writeShort(0);
    out.writeInt(name.length());
    out.writeBytes(name);
    out.flush();
  }

  static void writeHeader(DataOutputStream out, int length, int type, int kind, long id)
      throws IOException {
    out.writeInt(length);
    out.writeByte(type);
    out.writeByte(0);
    out.writeShort(kind);
    out.writeLong(id);
    out.flush();
  }

  int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
