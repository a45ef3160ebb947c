package dev.limpet.core.fence;

import dev.limpet.core.fence.Fence.ClaimDecision;
import dev.limpet.core.fence.Fence.PartDecision;

/**
 * What stands between the saved data of one process and everyone who does not own it, from the first time that it has a
 * home of its own (rule 12). While it stands, it overrides the fence of the shard that the process is hashed into.
 * Immutable.
 *
 * @param number of the pin whose claim stands, or stood
 * @param fence one for all pins that the process ever has: their epochs only rise
 * @param ended whether the process is back in its hashed shard
 */
public record PinFence(int number, Fence fence, boolean ended) {
  /*
   * The problem: the process changes hands between two fences. A late commit of the hashed shard's home must not change it
   * while it is pinned; a late commit or claim of a pin's home must do nothing after the pin has ended.
   *
   * The idea: the claim of a pin raises this fence, and with it the store refuses parts of the hashed shard that change the
   * process. The last part of an ending pin carries the end. It is that pin's own commit, in sequence, so nothing of the
   * pin's is under way any more when it is accepted, and nobody but the pin's present home can bring it about. Afterwards
   * the claim that stood is void; a higher one raises the fence again, which is what the next home does if the one that
   * ended the pin died before the ledger knew of it.
   */

  /** Before any claim. */
  public static final PinFence NONE = new PinFence(0, Fence.NONE, true);

  /** Decides a claim by a pin and changes nothing. */
  public ClaimDecision claim(int pin, long epoch, long claim, long owner) {
    boolean anothers = pin != number && epoch <= fence.epoch();
    boolean isVoid = ended && epoch == fence.epoch() && claim <= fence.number();
    return anothers || isVoid ? new ClaimDecision.Refused(fence) : fence.claim(epoch, claim, owner);
  }

  /** After a claim was granted. */
  public static PinFence granted(int pin, Fence next) {
    return new PinFence(pin, next, false);
  }

  /** Decides a commit by the pin and changes nothing. */
  public PartDecision part(long epoch, long claim, long sequence) {
    PartDecision decision = fence.part(epoch, claim, sequence);
    return ended && decision != PartDecision.ALREADY_APPLIED ? PartDecision.FENCED : decision;
  }

  /** The fence after the next commit in sequence was accepted. */
  public PinFence accepted(boolean ends) {
    return new PinFence(number, fence.accepted(), ends);
  }
}
