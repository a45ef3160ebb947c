package dev.limpet.ledger.ratis;

import java.util.regex.Pattern;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * One replica that votes: a node together with the storage that it votes from. A node whose disk was lost comes back
 * with a new storage id and is a different voter, so that an empty disk never speaks for a full one.
 *
 * @param node the node's name: 1 to 100 letters, digits, {@code . _ -}
 * @param storageId names the data directory, chosen once when it is created: 1 to 40 letters or digits, no dash
 * @param address host and port where the other nodes reach this one, as they dial it
 */
public record Voter(String node, String storageId, String address) {
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern STORAGE = Pattern.compile("[A-Za-z0-9]{1,40}");
  private static final Pattern ADDRESS = Pattern.compile("[^\\s,|]{1,255}:[0-9]{1,5}");

  public Voter {
    check(NODE, node, "a node name of letters, digits, '.', '_' and '-'");
    check(STORAGE, storageId, "a storage id of letters and digits (no dash)");
    check(ADDRESS, address, "an address of the form host:port");
  }

  private static void check(Pattern pattern, String value, String what) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException("expected " + what + " but got \"" + value + "\"");
    }
  }

  RaftPeerId peerId() {
    return RaftPeerId.valueOf(node + "-" + storageId);
  }

  RaftPeer peer() {
    // The address stays a host name: gRPC resolves it again when it connects again.
    return RaftPeer.newBuilder().setId(peerId()).setAddress(address).build();
  }

  /** The voter that a peer of Ratis' stands for. */
  static Voter of(RaftPeer peer) {
    var text = peer.getId().toString();
    return new Voter(
        nodeOf(peer.getId()), text.substring(text.lastIndexOf('-') + 1), peer.getAddress());
  }

  /** The node's name in a peer id; storage ids hold no dash, so the last one separates. */
  static String nodeOf(RaftPeerId id) {
    var text = id.toString();
    int dash = text.lastIndexOf('-');
    return dash < 0 ? text : text.substring(0, dash);
  }
}
