package dev.limpet.transport;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who this node says it is, and whom it talks to. Called for each new connection, on that connection's thread; must be
 * thread-safe and must not block.
 */
public interface Greeting {
  /** The largest hello, in bytes. */
  int HELLO_BYTES_MAX = 16 << 10;

  /** This node's own identity, opaque to the transport: at most {@link #HELLO_BYTES_MAX} bytes. */
  byte[] hello();

  /**
   * Judges the other side's identity, on connections made and on connections accepted.
   *
   * @param certified whom the other side's certificate is for; null without TLS
   * @return null to accept, or the reason of the refusal, which the other side is told
   */
  @Nullable String refusal(byte[] theirHello, InetSocketAddress from, @Nullable PeerName certified);
}
