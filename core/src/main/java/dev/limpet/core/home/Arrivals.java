package dev.limpet.core.home;

import dev.limpet.core.fence.Fence;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The memory of shards that are on their way to this node, until they are at home here. Not thread-safe. */
/*
 * What arrives is a proposal of the source's, made before it gave the shard up; it may think better of it, go on serving
 * and send again. So nothing is believed because it is here: an image is used only if the applied release names it, and
 * the saved state that the shard was claimed with is the very one that the image belongs to (rule 15). Anything else is
 * thrown away. What a connection that has long been given up still delivers does not take the place of a later image.
 */
public final class Arrivals {
  private final long bytesMax;
  private final TreeMap<Integer, Arrival> arrivals = new TreeMap<>();
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

    boolean isLaterThan(long otherMove, long otherImage) {
      return move > otherMove || (move == otherMove && image > otherImage);
    }
  }

  /**
   * None yet.
   *
   * @param bytesMax the most bytes that are held for shards on their way
   */
  public Arrivals(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /**
   * Takes a piece of an image.
   *
   * @param offset of the piece in the image
   * @param last whether the image ends with it
   * @return false if it does not follow what came before, is of an older image, or there is no room for it
   */
  public boolean take(int shard, long move, long image, int offset, boolean last, byte[] piece) {
    Arrival arrival = arrivals.get(shard);
    if (offset == 0 && (arrival == null || !arrival.isLaterThan(move, image))) {
      forget(shard);
      arrival = new Arrival(move, image);
    }
    if (arrival == null
        || arrival.complete
        || arrival.move != move
        || arrival.image != image
        || arrival.bytes.size() != offset
        || bytes + piece.length > bytesMax) {
      return false;
    }
    arrivals.put(shard, arrival);
    arrival.bytes.writeBytes(piece);
    bytes += piece.length;
    arrival.complete = last;
    return true;
  }

  /** Throws away what is for shards that are neither on their way here any more nor arrived. */
  public void placed(Placement view, long registration) {
    for (Integer shard : List.copyOf(arrivals.keySet())) {
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
   * The memory of a shard that is at home here from now on; it is held no longer.
   *
   * @param image that the applied release names; 0 if it names none
   * @return null if there is none, or another one
   */
  public byte @Nullable [] claim(int shard, long image) {
    Arrival arrival = arrivals.get(shard);
    forget(shard);
    return arrival == null || image == 0 || arrival.image != image || !arrival.complete
        ? null
        : arrival.bytes.toByteArray();
  }

  /**
   * Whether memory may be used.
   *
   * @param as the saved state that it belongs to
   * @param state that the shard was claimed with; null if something was saved under this epoch already
   */
  public static boolean isOf(Fence.Former as, Fence.@Nullable Former state) {
    return as.equals(state);
  }

  public void clear() {
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
