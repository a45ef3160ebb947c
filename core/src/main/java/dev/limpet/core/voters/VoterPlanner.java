package dev.limpet.core.voters;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which nodes should hold the replicated logs, one change at a time. */
/*
 * Wanted are one voter for one member, three from three members on, five from five on; in between what there is stays. A
 * voter is a node with its storage, so a node whose disk was lost is another one.
 *
 * What can go wrong. Two replicas of one node share its address: what is sent to the lost one would be answered by the
 * empty one in its name. So a node is no candidate while a voter of its name exists, and a lost voter whose node came
 * back is removed before that node may become a voter again. Removing a voter that is dead never costs safety: the
 * others that live are as many as before, of fewer. A first node that has not joined yet is known to nobody, like one
 * that was forgotten: both stay until they are gone for a while.
 */
public final class VoterPlanner {
  private VoterPlanner() {}

  /** One replica: a node with the storage that it votes from. */
  public record Seat(String node, String storage) {}

  /** One change; at least one of the two is there. */
  public record Change(@Nullable Seat add, @Nullable Seat remove) {}

  /** How many voters there should be. */
  public static int wanted(int members, int now) {
    if (members >= 5) {
      return 5;
    }
    return members >= 3 ? 3 : members == 1 ? 1 : now;
  }

  /**
   * The next change, or null if all is well or nothing can be done.
   *
   * @param voters who votes now
   * @param members the members now, those that have been so for longest first
   * @param known the names of all nodes that may come back
   * @param settled whether a member has been one for long enough to vote
   * @param gone whether a voter has been no member for so long that it should be replaced
   */
  public static @Nullable Change next(
      List<Seat> voters,
      List<Seat> members,
      Set<String> known,
      Predicate<Seat> settled,
      Predicate<Seat> gone) {
    @Nullable Seat candidate =
        members.stream()
            .filter(settled)
            .filter(m -> voters.stream().noneMatch(v -> v.node().equals(m.node())))
            .findFirst()
            .orElse(null);
    List<Seat> lost = new ArrayList<>();
    @Nullable Seat emptied = null;
    for (Seat voter : voters) {
      if (members.contains(voter)) {
        continue;
      }
      boolean cameBackEmpty = members.stream().anyMatch(m -> m.node().equals(voter.node()));
      if (cameBackEmpty) {
        emptied = emptied == null ? voter : emptied;
      }
      if (cameBackEmpty || gone.test(voter)) {
        lost.add(voter);
      }
    }
    int wanted = wanted(members.size(), voters.size());
    if (!lost.isEmpty()) {
      if (candidate != null) {
        return new Change(candidate, lost.getFirst());
      }
      if (voters.size() == 1) {
        return null;
      }
      if (emptied != null) {
        return new Change(null, emptied);
      }
      if (voters.size() > wanted || !known.contains(lost.getFirst().node())) {
        return new Change(null, lost.getFirst());
      }
    }
    return candidate != null && voters.size() < wanted ? new Change(candidate, null) : null;
  }
}
