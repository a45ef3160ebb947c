package dev.limpet.node;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.home.Carrier;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.MemoryArrivals.Piece;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Link;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.lang.System.Logger.Level;
import java.util.Arrays;

/** Sends the memory of a shard to the node that it is about to move to, piece by piece. Thread-safe. */
final class MemoryCourier implements Carrier {
  private static final System.Logger LOG = System.getLogger(MemoryCourier.class.getName());
  private static final int PIECE_BYTES = 1 << 20;

  private final Cluster cluster;
  private final Transport transport;

  MemoryCourier(Cluster cluster, Transport transport) {
    this.cluster = cluster;
    this.transport = transport;
  }

  @Override
  public boolean carry(
      int shard, ShardHome.Move move, long image, byte[] memories, long untilNanos) {
    Member target = cluster.view().members().get(move.target());
    if (target == null) {
      return false;
    }
    try {
      Link link = transport.link(Addresses.parse(target.clusterAddress()));
      for (int offset = 0; offset < memories.length; offset += PIECE_BYTES) {
        int end = Math.min(memories.length, offset + PIECE_BYTES);
        byte[] bytes = Arrays.copyOfRange(memories, offset, end);
        Piece piece = new Piece(shard, move.id(), image, offset, end == memories.length, bytes);
        byte[] answer = link.call(FrameKind.MEMORY, piece.encode(), untilNanos - System.nanoTime());
        if (answer.length != 1 || answer[0] != 1) {
          LOG.log(
              Level.WARNING,
              "node {0} does not take the memory of shard {1} now: the move waits",
              target.name(),
              shard);
          return false;
        }
      }
      return true;
    } catch (LinkException e) {
      LOG.log(
          Level.DEBUG,
          "the memory of shard {0} did not reach node {1}: {2}",
          shard,
          target.name(),
          e.getMessage());
      return false;
    }
  }

  /** Answers {@link FrameKind#MEMORY}. */
  static void serve(Inbound in, LocalShards shards) {
    try {
      in.reply(new byte[] {(byte) (shards.take(Piece.decode(in.body())) ? 1 : 0)});
    } catch (ByteReader.Malformed e) {
      in.fail("no piece of memory: " + e.getMessage());
    }
  }
}
