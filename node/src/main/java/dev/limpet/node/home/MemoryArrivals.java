package dev.limpet.node.home;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The memory of shards that are on their way to this node, until they are at home here. Thread-safe. */
/*
 * What arrives is a proposal of the source's, made before it gave the shard up; it may think better of it, go on serving
 * and send again. So nothing is believed because it is here: an image is used only if the applied release names it, and
 * the saved state that the shard was claimed with is the very one that the image belongs to (rule 15). Anything else is
 * thrown away.
 */
public final class MemoryArrivals {
  private static final System.Logger LOG = System.getLogger(MemoryArrivals.class.getName());

  /** The most bytes that are held for shards on their way. */
  private static final long BYTES_MAX = 256L << 20;

  // Guarded by this.
  private final Map<Integer, Arrival> arrivals = new HashMap<>();
  private long bytes;

  private static final class Arrival {
    final long move;
    final long image;
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean complete;

    Arrival(long move, long image) {
      this.move = move;
      this.image = image;
    }
  }

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

  /** Takes a piece; false if it does not follow what came before, or there is no room for it. */
  public synchronized boolean take(Piece piece) {
    Arrival arrival = arrivals.get(piece.shard);
    boolean first = piece.offset == 0;
    if (first) {
      forget(piece.shard);
      arrival = new Arrival(piece.move, piece.image);
    }
    if (arrival == null
        || arrival.complete
        || arrival.move != piece.move
        || arrival.image != piece.image
        || arrival.bytes.size() != piece.offset
        || bytes + piece.bytes.length > BYTES_MAX) {
      return false;
    }
    arrivals.put(piece.shard, arrival);
    arrival.bytes.writeBytes(piece.bytes);
    bytes += piece.bytes.length;
    arrival.complete = piece.last;
    return true;
  }

  /** Throws away what is for shards that are neither on their way here any more nor arrived. */
  synchronized void placed(Placement view, long registration) {
    for (Integer shard : arrivals.keySet().toArray(Integer[]::new)) {
      ShardHome at = view.at(shard);
      Arrival arrival = arrivals.get(shard);
      // A source may act by a newer view than this one: its move is waited for.
      boolean early = arrival != null && arrival.move > view.index();
      if (registration == 0
          || arrival == null
          || (!early && (at == null || !awaited(at, arrival, registration)))) {
        forget(shard);
      }
    }
  }

  private static boolean awaited(ShardHome at, Arrival arrival, long registration) {
    ShardHome.Move move = at.move();
    return at.home() == registration
        ? at.image() == arrival.image
        : move != null && move.id() == arrival.move;
  }

  /**
   * The memory of a shard that is at home here from now on, if there is any and it is to be believed.
   *
   * @param state that the shard was claimed with; null if something was saved under this epoch already
   */
  synchronized @Nullable Memories claim(int shard, long image, Fence.@Nullable Former state) {
    Arrival arrival = arrivals.get(shard);
    forget(shard);
    if (arrival == null || image == 0 || arrival.image != image || !arrival.complete) {
      if (image != 0) {
        LOG.log(Level.WARNING, "the memory of shard {0} did not arrive here: it is lost", shard);
      }
      return null;
    }
    Memories memories;
    try {
      memories = Memories.decode(arrival.bytes.toByteArray());
    } catch (ByteReader.Malformed e) {
      LOG.log(Level.WARNING, "the memory of shard " + shard + " cannot be read: it is lost", e);
      return null;
    }
    if (!memories.as().equals(state)) {
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
    bytes = 0;
  }

  private void forget(int shard) {
    Arrival gone = arrivals.remove(shard);
    if (gone != null) {
      bytes -= gone.bytes.size();
    }
  }
}
