package dev.limpet.engine;

import dev.limpet.core.fence.Fence;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.engine.Store.PartReply;

/** What a store answers when its {@link Fence} has decided. */
public final class FencedReplies {
  private FencedReplies() {}

  /**
   * The answer to a claim.
   *
   * @param index of the entry that the claim was decided in
   */
  public static ClaimReply of(Fence.ClaimDecision decision, long index) {
    return switch (decision) {
      case Fence.ClaimDecision.Granted(Fence next) ->
          new ClaimReply.Granted(
              index,
              next.earlier().stream()
                  .map(e -> new ClaimReply.Earlier(e.number(), e.lastSequence()))
                  .toList(),
              next.former());
      case Fence.ClaimDecision.Refused(Fence standing) ->
          new ClaimReply.Refused(standing.epoch(), standing.number());
    };
  }

  /** The answer to a part of a commit. */
  public static PartReply of(Fence.PartDecision decision) {
    return switch (decision) {
      case ACCEPTED -> PartReply.ACCEPTED;
      case ALREADY_APPLIED -> PartReply.ALREADY_APPLIED;
      case FENCED -> PartReply.FENCED;
      case GAP -> PartReply.GAP;
    };
  }
}
