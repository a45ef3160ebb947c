package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.engine.Proposer;
import dev.limpet.node.cluster.Disk;
import dev.limpet.node.cluster.VoterDuties;
import dev.limpet.node.home.Halt;
import dev.limpet.node.home.MoveWatch;
import java.util.function.UnaryOperator;

/**
 * Where tests get between a node and what it rests on.
 *
 * @param moves told of each step of a planned move
 * @param store what takes the place of the way to the store
 * @param disk what takes the place of this node's disk, as far as it is asked whether it takes writes
 * @param groups what takes the place of the two groups whose voters this node changes while it leads them
 * @param ending how the node ends when it cannot keep its promises
 */
record Seams(
    MoveWatch moves,
    UnaryOperator<Proposer> store,
    UnaryOperator<Disk> disk,
    UnaryOperator<VoterDuties.Groups> groups,
    Ending ending) {
  static final Seams NONE =
      new Seams(MoveWatch.NONE, way -> way, disk -> disk, groups -> groups, Halt::now);

  /** Ends the process, by default without return. */
  interface Ending {
    void now(ErrorCode code, String what, Throwable cause);
  }

  Seams withMoves(MoveWatch watch) {
    return new Seams(watch, store, disk, groups, ending);
  }

  Seams withStore(UnaryOperator<Proposer> way) {
    return new Seams(moves, way, disk, groups, ending);
  }

  Seams withDisk(UnaryOperator<Disk> other, Ending end) {
    return new Seams(moves, store, other, groups, end);
  }

  Seams withGroups(UnaryOperator<VoterDuties.Groups> others) {
    return new Seams(moves, store, disk, others, ending);
  }
}
