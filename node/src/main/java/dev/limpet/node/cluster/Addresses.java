package dev.limpet.node.cluster;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.net.InetSocketAddress;

/** {@code host:port} texts. */
public final class Addresses {
  private Addresses() {}

  /** Parses and resolves; throws {@link StartFailed} with what is wrong. */
  public static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    int port = -1;
    if (colon > 0) {
      try {
        port = Integer.parseInt(text.substring(colon + 1));
      } catch (NumberFormatException e) {
        port = -1;
      }
    }
    if (port < 0 || port > 65_535) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "an address is HOST:PORT, such as 127.0.0.1:7201; got " + text);
    }
    InetSocketAddress address = new InetSocketAddress(text.substring(0, colon), port);
    if (address.isUnresolved()) {
      throw new StartFailed(ErrorCode.INVALID_SETTING, "the host of " + text + " is not known");
    }
    return address;
  }
}
