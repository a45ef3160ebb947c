package dev.limpet.core.fence;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What stands between one shard's saved data and everyone who does not own it: the highest claim so far, and how many
 * commits it has made. Immutable; whoever stores the data holds the current fence and replaces it, one writer at a time.
 *
 * @param epoch of the claim that stands; 0 before the first
 * @param number of that claim within the epoch
 * @param owner the registration of the node that claimed
 * @param lastSequence the last sequence number that was accepted under that claim; 0 before the first
 * @param earlier the claims of the same epoch that stood before, newest first, at most {@link #EARLIER_MAX}
 * @param former the claim that stood when this epoch began
 */
public record Fence(
    long epoch, long number, long owner, long lastSequence, List<Earlier> earlier, Former former) {
  /*
   * The problem: a home that was paused, cut off or replaced goes on sending commits, and so does a network that
   * delivers late or twice. None of that may change what the present home reads and writes.
   *
   * The idea: a claim is the pair (epoch, number). The ledger gives each home of a shard an epoch of its own, the home
   * numbers its own claims within it, and only the highest pair may write. Within a claim commits are numbered 1, 2, 3:
   * a repeat is recognised by its number, a commit that overtook its predecessor is refused. A home that does not know
   * what became of a commit claims again; from then on the old claim can do nothing any more, and its last sequence
   * number, kept here, tells for good which of its commits were saved.
   *
   * What can go wrong: forgetting an earlier claim too soon makes the answer "unknown" (never a wrong one, since each
   * is kept under its number); two nodes that claim under one epoch mean a broken ledger, and the later one is refused
   * however high its number is.
   */

  /** How many earlier claims of an epoch are remembered. */
  public static final int EARLIER_MAX = 8;

  /** Before any claim; refuses every commit. */
  public static final Fence NONE = new Fence(0, 0, 0, 0, List.of(), Former.NONE);

  /**
   * A claim that stood before in the same epoch, and how far it got.
   *
   * @param number of the claim
   * @param lastSequence the last sequence number that was accepted under it, 0 if none was; final
   */
  public record Earlier(long number, long lastSequence) {}

  /**
   * The last claim of an earlier epoch, and how far it got: what the state of the shard is that an epoch begins with.
   *
   * @param epoch 0 if there was no claim before
   * @param lastSequence the last sequence number that was accepted under it, 0 if none was; final
   */
  public record Former(long epoch, long number, long lastSequence) {
    /** There was none. */
    public static final Former NONE = new Former(0, 0, 0);
  }

  /** The answer to a claim. */
  public sealed interface ClaimDecision {
    /**
     * The claim stands from now on.
     *
     * @param next the fence to keep; the same fence when the claim was a repeat
     */
    record Granted(Fence next) implements ClaimDecision {}

    /**
     * A higher claim stands, or another owner's of the same epoch.
     *
     * @param standing the fence as it stays
     */
    record Refused(Fence standing) implements ClaimDecision {}
  }

  /** The answer to a commit. */
  public enum PartDecision {
    /** It is to be saved, together with {@link Fence#accepted()}. */
    ACCEPTED,
    /** It was saved before. */
    ALREADY_APPLIED,
    /** It rests on another claim than the one that stands. */
    FENCED,
    /** Its predecessor is missing. */
    GAP
  }

  public Fence {
    if (epoch < 0 || number < 0 || lastSequence < 0) {
      throw new IllegalArgumentException(
          "negative: epoch " + epoch + ", number " + number + ", last " + lastSequence);
    }
    if (earlier.size() > EARLIER_MAX) {
      throw new IllegalArgumentException(
          earlier.size() + " earlier claims; at most " + EARLIER_MAX + " are kept");
    }
    earlier = List.copyOf(earlier);
  }

  /**
   * Decides a claim and changes nothing.
   *
   * @param epoch from 1
   * @param number from 1
   */
  public ClaimDecision claim(long epoch, long number, long owner) {
    if (epoch < 1 || number < 1) {
      throw new IllegalArgumentException(
          "a claim has epoch and number from 1; got " + epoch + " and " + number);
    }
    if (epoch > this.epoch) {
      Former before = new Former(this.epoch, this.number, lastSequence);
      return new ClaimDecision.Granted(new Fence(epoch, number, owner, 0, List.of(), before));
    }
    if (epoch < this.epoch || number < this.number || owner != this.owner) {
      return new ClaimDecision.Refused(this);
    }
    if (number == this.number) {
      return new ClaimDecision.Granted(this);
    }
    return new ClaimDecision.Granted(new Fence(epoch, number, owner, 0, earlierWithThis(), former));
  }

  /**
   * Decides a commit and changes nothing.
   *
   * @param sequence from 1
   */
  public PartDecision part(long epoch, long number, long sequence) {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence numbers start at 1; got " + sequence);
    }
    if (epoch != this.epoch || number != this.number || this.number == 0) {
      return PartDecision.FENCED;
    }
    if (sequence <= lastSequence) {
      return PartDecision.ALREADY_APPLIED;
    }
    return sequence == lastSequence + 1 ? PartDecision.ACCEPTED : PartDecision.GAP;
  }

  /** The fence after the next commit in sequence was accepted. */
  public Fence accepted() {
    return new Fence(epoch, number, owner, lastSequence + 1, earlier, former);
  }

  /** How far an earlier claim of this epoch got; empty when it never stood, or so long ago that it was forgotten. */
  public OptionalLong lastSequenceOf(long earlierNumber) {
    for (Earlier e : earlier) {
      if (e.number == earlierNumber) {
        return OptionalLong.of(e.lastSequence);
      }
    }
    return OptionalLong.empty();
  }

  private List<Earlier> earlierWithThis() {
    List<Earlier> all = new ArrayList<>(EARLIER_MAX);
    all.add(new Earlier(number, lastSequence));
    all.addAll(earlier.subList(0, Math.min(earlier.size(), EARLIER_MAX - 1)));
    return all;
  }
}
