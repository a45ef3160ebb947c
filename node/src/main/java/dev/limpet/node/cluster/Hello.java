package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.transport.Greeting;
import dev.limpet.transport.PeerName;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who a node says it is when it connects.
 *
 * @param cluster the cluster's name; nodes of another are refused
 */
public record Hello(String cluster, String node) {
  /** The protocol between nodes that this code speaks. */
  private static final int PROTOCOL = 1;

  byte[] encode() {
    return new ByteWriter().u8(PROTOCOL).text(cluster).text(node).toBytes();
  }

  /** What {@link #greeting} says, read back. */
  public static Hello decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int protocol = in.u8();
    if (protocol != PROTOCOL) {
      throw new ByteReader.Malformed("protocol " + protocol + "; this node speaks " + PROTOCOL);
    }
    Hello hello = new Hello(in.text(256), in.text(256));
    in.end();
    return hello;
  }

  private @Nullable String judge(Hello theirs, @Nullable PeerName certified) {
    if (!theirs.cluster.equals(cluster)) {
      return "this is cluster "
          + cluster
          + ", not "
          + theirs.cluster
          + "; check --cluster-name and the addresses";
    }
    if (certified != null && !certified.equals(new PeerName(theirs.cluster, theirs.node))) {
      return "node " + theirs.node + " showed the certificate of " + certified.uri();
    }
    return null;
  }

  /** This hello, and the judgement of others'. */
  public Greeting greeting() {
    byte[] mine = encode();
    return new Greeting() {
      @Override
      public byte[] hello() {
        return mine;
      }

      @Override
      public @Nullable String refusal(
          byte[] theirHello, InetSocketAddress from, @Nullable PeerName certified) {
        try {
          return judge(decode(theirHello), certified);
        } catch (ByteReader.Malformed e) {
          return e.getMessage();
        }
      }
    };
  }
}
