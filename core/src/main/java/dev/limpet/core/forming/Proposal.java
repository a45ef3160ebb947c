package dev.limpet.core.forming;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One seed's attempt to have a cluster formed: collects what the seeds answer, and says what to do. */
/*
 * The problem: never two clusters, whatever is lost, late or doubled, whoever proposes, whose disk is emptied.
 *
 * The idea is Paxos with quorums of two kinds. To begin, an attempt needs the promises of a majority of the seeds; if any
 * of them accepted before, the attempt goes on with what was accepted in the highest attempt. To conclude, every founder
 * that the pact names must have accepted it, each with the disk that it is named with; founders are all seeds, or by an
 * operator's word a majority. Any majority meets any such set of founders, so a later attempt sees what an earlier one
 * may have concluded.
 *
 * A lost disk. A seed that was emptied has another storage id, is named in no earlier pact, and can accept none of them.
 * So a pact that names it can never be concluded again. It may be given up only when every seed has promised and none
 * belongs to a cluster: then nobody who is left has concluded an earlier attempt, nor can, since concluding needs that
 * nothing higher was promised. What this cannot hold: an operator's word for a majority, when the disk of one that
 * formed with a silent seed was lost. The word means: those that are silent hold no cluster.
 */
public final class Proposal {
  private final Ballot ballot;
  private final int seeds;
  private final boolean byOperator;
  private final Map<Integer, Acceptor> answers = new TreeMap<>();

  /** What to do next. */
  public sealed interface Step {
    /** Somebody belongs to a cluster already. */
    record Formed(Pact pact) implements Step {}

    /** Another attempt is higher; try again above it. */
    record Overtaken(long round) implements Step {}

    /** Ask these founders to accept. */
    record Propose(Pact pact) implements Step {}

    /** Too few have answered. */
    record Wait(int answered) implements Step {}
  }

  /**
   * An attempt.
   *
   * @param seeds how many seeds there are
   * @param byOperator whether a majority is enough to begin a new cluster
   */
  public Proposal(Ballot ballot, int seeds, boolean byOperator) {
    this.ballot = ballot;
    this.seeds = seeds;
    this.byOperator = byOperator;
  }

  /** A seed's state after it was asked to prepare for this attempt. */
  public void answered(int seed, Acceptor state) {
    answers.put(seed, state);
  }

  /**
   * What to do by what was answered so far; call it when no more answers are to come.
   *
   * @param freshId the id of a new cluster
   */
  public Step step(String freshId) {
    List<Acceptor> promised = new ArrayList<>();
    @Nullable Acceptor last = null;
    long above = 0;
    for (Acceptor a : answers.values()) {
      if (a.formed() != null) {
        return new Step.Formed(a.formed());
      }
      if (!a.promised().equals(ballot)) {
        above = Math.max(above, a.promised().round());
        continue;
      }
      promised.add(a);
      if (a.accepted() != null
          && (last == null || a.acceptedAt().compareTo(last.acceptedAt()) > 0)) {
        last = a;
      }
    }
    if (above > 0) {
      return new Step.Overtaken(above);
    }
    boolean all = promised.size() == seeds;
    if (!all && promised.size() <= seeds / 2) {
      return new Step.Wait(promised.size());
    }
    @Nullable Pact before = last == null ? null : last.accepted();
    if (before != null && !(all && namesALostDisk(before, promised))) {
      return new Step.Propose(before);
    }
    return all || byOperator
        ? new Step.Propose(new Pact(freshId, promised.stream().map(Acceptor::self).toList()))
        : new Step.Wait(promised.size());
  }

  /** Whether a pact names somebody whose disk is none of these. */
  private static boolean namesALostDisk(Pact pact, List<Acceptor> present) {
    return pact.founders().stream().anyMatch(f -> present.stream().noneMatch(a -> a.self().is(f)));
  }
}
