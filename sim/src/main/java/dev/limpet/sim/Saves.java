package dev.limpet.sim;

import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.core.home.CommitLane;
import dev.limpet.core.home.CommitLane.Answer;
import dev.limpet.core.home.CommitLane.Batch;
import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.core.home.CommitLane.Settled;
import dev.limpet.core.home.Tenure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The commits of one node's shards on their way to the store and back. */
final class Saves {
  private static final int BATCH_MAX = 4;

  /**
   * The real node sends until it is answered. Here it gives up, claims again and lets the claim's answer tell, unless all
   * that happens is planned: a claim anew costs the memory.
   */
  private static final int TRIES_MAX = 3;

  private final SimNode node;
  private final Cluster cluster;
  private final Homes homes;

  Saves(SimNode node, Cluster cluster, Homes homes) {
    this.node = node;
    this.cluster = cluster;
    this.homes = homes;
  }

  void pump(SimShard s) {
    Batch<SimShard.Commit> batch = s.lane.next(c -> 1, BATCH_MAX);
    if (batch != null) {
      s.tries = 0;
      send(s, batch);
    }
  }

  private void send(SimShard s, Batch<SimShard.Commit> batch) {
    Tenure.Open open =
        switch (s.machine.tenure()) {
          case Tenure.Open t -> t;
          case Tenure.Freezing t -> t.open();
          case Tenure.Renounced ignored ->
              throw new Checks.Violation("a commit after the shard was renounced");
          case Tenure.Away ignored ->
              throw new Checks.Violation("a commit for a shard that is away");
          case Tenure.Claiming ignored ->
              throw new Checks.Violation("a commit before the claim is granted");
        };
    s.tries++;
    int generation = s.generation;
    List<SimStore.Change> changes = new ArrayList<>();
    batch.commits().forEach(c -> changes.addAll(c.changes));
    boolean ends = batch.commits().stream().anyMatch(c -> c.endsPin);
    SimStore.Entry.Part part =
        new SimStore.Entry.Part(
            s.number, open.epoch(), open.claim(), batch.sequence(), changes, ends);
    new Proposal<>(
            node,
            cluster,
            cluster.store(),
            part,
            cluster.sim().chance(0.5),
            (applied, attempts) -> {
              if (s.generation == generation) {
                answered(s, batch.sequence(), open, applied);
              }
            })
        .send();
  }

  private void answered(
      SimShard s,
      long sequence,
      Tenure.Open open,
      SimLog.@Nullable Applied<SimStore.Reply> applied) {
    if (applied == null) {
      Batch<SimShard.Commit> same = Objects.requireNonNull(s.lane.unanswered());
      if (s.tries < TRIES_MAX || cluster.config().isPlanned()) {
        send(s, same);
      } else {
        unsettled(s, open, sequence, same.commits());
      }
      return;
    }
    PartDecision decision = ((SimStore.Reply.Part) applied.result()).decision();
    if (decision == PartDecision.FENCED) {
      // The way to the store may deliver one sending twice, so a fence never proves that nothing
      // was
      // saved.
      s.lane.unanswered();
    }
    Settled<SimShard.Commit> settled = s.lane.answered(answer(decision));
    switch (settled.fate()) {
      case SAVED -> {
        s.savedAt = Math.max(s.savedAt, applied.index());
        ended(s, Fate.SAVED, settled.commits(), open.epoch());
        pump(s);
        homes.quiet(s);
      }
      case NOT_SAVED -> {
        ended(s, Fate.NOT_SAVED, settled.commits(), open.epoch());
        homes.unsettled(s, open);
      }
      case UNKNOWN -> unsettled(s, open, sequence, settled.commits());
    }
  }

  private static Answer answer(PartDecision decision) {
    return switch (decision) {
      case ACCEPTED -> Answer.ACCEPTED;
      case ALREADY_APPLIED -> Answer.ALREADY_APPLIED;
      case FENCED -> Answer.FENCED;
      case GAP -> Answer.GAP;
    };
  }

  /** Nobody knows what the commit did: only a higher claim settles it. */
  private void unsettled(
      SimShard s, Tenure.Open open, long sequence, List<SimShard.Commit> commits) {
    s.unsettled.add(new SimShard.Unsettled(open.epoch(), open.claim(), sequence, commits));
    // What waits behind it was never sent; it ends with the lane. What is under way is told by the
    // next claim.
    List<Settled<SimShard.Commit>> ends = s.lane.close();
    s.lane = new CommitLane<>();
    for (Settled<SimShard.Commit> end : ends) {
      if (end.fate() == Fate.NOT_SAVED) {
        ended(s, Fate.NOT_SAVED, end.commits(), open.epoch());
      }
    }
    homes.unsettled(s, open);
  }

  /** A claim was granted: it tells what became of commits under the claims before it. */
  void settle(SimShard s, long epoch, SimStore.Reply.Granted granted) {
    for (SimShard.Unsettled u : List.copyOf(s.unsettled)) {
      OptionalLong last =
          u.epoch() == epoch ? granted.lastSequenceOf(u.claim()) : OptionalLong.empty();
      Fate fate =
          last.isEmpty()
              ? Fate.UNKNOWN
              : last.getAsLong() >= u.sequence() ? Fate.SAVED : Fate.NOT_SAVED;
      ended(s, fate, u.commits(), epoch);
    }
    s.unsettled.clear();
  }

  /** Everything of the shard is dropped here. */
  void drop(SimShard s) {
    List<Settled<SimShard.Commit>> ends = s.lane.close();
    s.lane = new CommitLane<>();
    for (Settled<SimShard.Commit> end : ends) {
      ended(s, end.fate(), end.commits(), 0);
    }
    if (s.machine.tenure() instanceof Tenure.Away) {
      s.unsettled.forEach(u -> ended(s, Fate.UNKNOWN, u.commits(), 0));
      s.unsettled.clear();
    }
  }

  private void ended(SimShard s, Fate fate, List<SimShard.Commit> commits, long epoch) {
    for (SimShard.Commit c : commits) {
      c.saved = fate == Fate.SAVED;
      c.over = true;
      for (SimShard.Answerable a : c.replies) {
        switch (fate) {
          case SAVED -> homes.answer(a, epoch);
          case NOT_SAVED ->
              a.work()
                  .reply(new Calls.Reply.NotRun("shard " + s.number + " was lost before the save"));
          case UNKNOWN ->
              a.work().reply(new Calls.Reply.Unknown("it is not known what the save did"));
        }
      }
      c.then.accept(fate);
    }
  }
}
