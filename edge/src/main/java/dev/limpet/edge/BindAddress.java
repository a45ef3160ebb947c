package dev.limpet.edge;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.Locale;

/**
 * Where an edge may be bound.
 *
 * @param host as it was written
 * @param socket resolved; port 0 for any free one
 */
record BindAddress(String host, InetSocketAddress socket) {
  private static final int PORT_MAX = 65_535;

  /**
   * Reads {@code host:port} or {@code [v6]:port}.
   *
   * @throws StartFailed {@link ErrorCode#INVALID_SETTING} if it is none, cannot be resolved, or is open to others and
   *     that was not asked for
   */
  static BindAddress of(String address, boolean insecure) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? "" : address.substring(0, colon);
    String port = colon < 0 ? "" : address.substring(colon + 1);
    boolean literal = host.startsWith("[") && host.endsWith("]");
    boolean digits =
        !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
    if (host.isEmpty()
        || (!literal && host.contains(":"))
        || !digits
        || Integer.parseInt(port) > PORT_MAX) {
      throw invalid(
          "the HTTP address must be HOST:PORT, such as 127.0.0.1:7101; got \"" + address + "\"");
    }
    InetAddress resolved;
    try {
      resolved = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw invalid(
          "the host \""
              + host
              + "\" of the HTTP address is unknown; give an address of this machine");
    }
    if (!resolved.isLoopbackAddress() && !insecure) {
      throw invalid(
          host
              + " can be reached by others, and the HTTP edge has no authentication yet: use 127.0.0.1, or say --insecure"
              + " if the network keeps strangers out");
    }
    return new BindAddress(host, new InetSocketAddress(resolved, Integer.parseInt(port)));
  }

  /** Binds for a moment, since the server below says nothing but "failed" when it cannot. */
  void check() {
    try (ServerSocketChannel probe = ServerSocketChannel.open()) {
      probe.bind(socket);
    } catch (BindException e) {
      String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      throw reason.contains("in use")
          ? inUse()
          : invalid("cannot listen on " + text(socket.getPort()) + ": " + e.getMessage());
    } catch (IOException e) {
      throw invalid("cannot listen on " + text(socket.getPort()) + ": " + e.getMessage());
    }
  }

  StartFailed inUse() {
    return new StartFailed(
        ErrorCode.PORT_IN_USE,
        "port "
            + socket.getPort()
            + " of "
            + host
            + " is in use; choose another with --http or stop the other program");
  }

  String text(int port) {
    return host + ":" + port;
  }

  private static StartFailed invalid(String why) {
    return new StartFailed(ErrorCode.INVALID_SETTING, why);
  }
}
