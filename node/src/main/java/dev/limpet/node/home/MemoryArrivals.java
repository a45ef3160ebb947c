package dev.limpet.node.home;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.home.Arrivals;
import dev.limpet.core.ledger.Placement;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The {@link Arrivals} of this node, for its threads. */
public final class MemoryArrivals {
  private static final System.Logger LOG = System.getLogger(MemoryArrivals.class.getName());

  /** The most bytes that are held for shards on their way. */
  private static final long BYTES_MAX = 256L << 20;

  // Guarded by this.
  private final Arrivals arrivals = new Arrivals(BYTES_MAX);

  /**
   * A piece of an image, as it travels.
   *
   * @param offset of the piece in the image
   * @param last whether the image ends with it
   */
  public record Piece(int shard, long move, long image, int offset, boolean last, byte[] bytes) {
    public byte[] encode() {
      return new ByteWriter(bytes.length + 48)
          .number(shard)
          .number(move)
          .number(image)
          .number(offset)
          .bool(last)
          .raw(bytes)
          .toBytes();
    }

    public static Piece decode(byte[] body) {
      ByteReader in = new ByteReader(body);
      return new Piece(
          in.count(Integer.MAX_VALUE),
          in.number(),
          in.number(),
          in.count(Integer.MAX_VALUE),
          in.bool(),
          in.rest());
    }
  }

  /** Takes a piece; false if it does not follow what came before, is outdated, or there is no room for it. */
  public synchronized boolean take(Piece piece) {
    return arrivals.take(
        piece.shard, piece.move, piece.image, piece.offset, piece.last, piece.bytes);
  }

  /** Throws away what is for shards that are neither on their way here any more nor arrived. */
  synchronized void placed(Placement view, long registration) {
    arrivals.placed(view, registration);
  }

  /**
   * The memory of a shard that is at home here from now on, if there is any and it is to be believed.
   *
   * @param state that the shard was claimed with; null if something was saved under this epoch already
   */
  synchronized @Nullable Memories claim(int shard, long image, Fence.@Nullable Former state) {
    byte[] bytes = arrivals.claim(shard, image);
    if (bytes == null) {
      if (image != 0) {
        LOG.log(Level.WARNING, "the memory of shard {0} did not arrive here: it is lost", shard);
      }
      return null;
    }
    Memories memories;
    try {
      memories = Memories.decode(bytes);
    } catch (ByteReader.Malformed e) {
      LOG.log(Level.WARNING, "the memory of shard " + shard + " cannot be read: it is lost", e);
      return null;
    }
    if (!Arrivals.isOf(memories.as(), state)) {
      LOG.log(
          Level.WARNING,
          "the memory of shard {0} belongs to {1}, and its state to {2}: it is not used",
          shard,
          memories.as(),
          state);
      return null;
    }
    return memories;
  }

  synchronized void clear() {
    arrivals.clear();
  }
}
