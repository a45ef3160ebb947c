package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.spi.NodeSettings;
import dev.limpet.transport.PeerName;
import dev.limpet.transport.Tls;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Whether a node may speak with others at its addresses, and under which name. */
final class Secured {
  private static final System.Logger LOG = System.getLogger(Secured.class.getName());

  private Secured() {}

  /** Without TLS nothing beyond this machine is spoken with, unless somebody said that he wants it so. */
  static void requireSafe(NodeSettings settings) {
    boolean anywhere = settings.tls() != null || settings.insecure();
    requireSafe(settings.clusterAddress(), anywhere);
    settings.seeds().forEach(seed -> requireSafe(seed, anywhere));
  }

  private static void requireSafe(String address, boolean anywhere) {
    boolean loopback = Addresses.parse(address).getAddress().isLoopbackAddress();
    if (!loopback && !anywhere) {
      throw new StartFailed(
          ErrorCode.NOT_SECURED,
          "the address "
              + address
              + " is not loopback: give the node TLS files with --tls (./limpet certs makes a first"
              + " set), or allow connections without TLS with --insecure, on a network that you"
              + " trust wholly");
    }
  }

  /** The node's TLS files, which must be its own; null if it has none. */
  static @Nullable Tls open(NodeSettings settings) {
    Path files = settings.tls();
    if (files == null) {
      return null;
    }
    String address = settings.clusterAddress();
    Tls tls;
    try {
      tls = Tls.open(files, Addresses.parse(address).getHostString());
    } catch (IOException e) {
      throw unusable(
          "the TLS files in "
              + files
              + " cannot be used (--tls): "
              + e.getMessage()
              + "; limpet certs makes right ones");
    }
    PeerName self = new PeerName(settings.cluster(), settings.id());
    if (!tls.name().equals(self)) {
      tls.close();
      throw unusable(
          "the certificate in "
              + files
              + " is for "
              + tls.name().uri()
              + ", and this node is "
              + self.uri()
              + "; choose its own with --tls (limpet certs makes one), or check --id and --cluster-name");
    }
    LOG.log(
        Level.INFO,
        "TLS between nodes: this is {0}, its certificate is valid until {1}",
        self.uri(),
        tls.notAfter());
    return tls;
  }

  private static StartFailed unusable(String message) {
    return new StartFailed(ErrorCode.TLS_UNUSABLE, message);
  }
}
