package dev.limpet.core.ledger;

import org.jspecify.annotations.Nullable;

/**
 * Where one shard is at home.
 *
 * @param home the registration of its home, 0 if no member is left to be one
 * @param epoch the fencing token of that home; rises with each change, for all shards out of one counter
 * @param preferred the name of the node that it comes home to
 * @param expiredThrough the highest epoch that was ended by an expiry: replies of it and of lower ones are not believed
 *     (rule 17)
 * @param move the move under way, if any
 * @param image what the former home sent to this one of its processes' memory, as its release named it (rule 15); 0 if
 *     nothing
 */
public record ShardHome(
    long home, long epoch, String preferred, long expiredThrough, @Nullable Move move, long image) {

  /** Without memory that was sent ahead. */
  public ShardHome(
      long home, long epoch, String preferred, long expiredThrough, @Nullable Move move) {
    this(home, epoch, preferred, expiredThrough, move, 0);
  }

  /**
   * A planned change of home.
   *
   * @param id the ledger index of its start
   * @param target the registration that becomes the home
   * @param epoch reserved for the target
   */
  public record Move(long id, long target, long epoch) {}

  ShardHome prefer(String name) {
    return new ShardHome(home, epoch, name, expiredThrough, move, image);
  }

  ShardHome moving(Move start) {
    return new ShardHome(home, epoch, preferred, expiredThrough, start, image);
  }

  ShardHome staying() {
    return new ShardHome(home, epoch, preferred, expiredThrough, null, image);
  }

  ShardHome released(Move to, long sent) {
    return new ShardHome(to.target(), to.epoch(), preferred, expiredThrough, null, sent);
  }

  ShardHome homed(long registration, long newEpoch) {
    return new ShardHome(registration, newEpoch, preferred, expiredThrough, null);
  }

  ShardHome orphaned() {
    return new ShardHome(0, epoch, preferred, expiredThrough, null);
  }

  ShardHome expired() {
    return new ShardHome(home, epoch, preferred, epoch, move, image);
  }
}
