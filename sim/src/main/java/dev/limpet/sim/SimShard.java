package dev.limpet.sim;

import dev.limpet.core.fence.Fence;
import dev.limpet.core.home.CommitLane;
import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.ShardHome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One shard on one node, a hashed one or a pin's: its machine, and what there is of it under the present claim. */
final class SimShard {
  final int number;
  final HomeShard machine;
  @Nullable ShardHome placed;
  long releasedAt;

  /** Rises whenever everything is dropped: what was begun before ends in nothing. */
  int generation;

  /** The epoch that it is served under; 0 while it is not. */
  long ownedEpoch;

  final Map<String, Proc> procs = new LinkedHashMap<>();
  CommitLane<Commit> lane = new CommitLane<>();
  final List<Unsettled> unsettled = new ArrayList<>();
  int running;
  int tries;

  /** The store index of this claim's last commit, or of the pin's whose process was taken in. */
  long savedAt;

  /** The fence as this claim found it. */
  @Nullable Fence granted;

  /** Memory of processes that were not called here yet. */
  final Map<String, Memory> arrived = new LinkedHashMap<>();

  /** The freeze whose memory is on its way. */
  @Nullable Tenure carrying;

  /** Processes that are not to be served here. */
  Set<String> away = Set.of();

  /** Processes that are being taken out. */
  int leaving;

  // Of a pin only.
  @Nullable Pin pin;
  boolean leavingHashed;

  /** The hashed shard came here and is not open yet: the process may still find its memory there. */
  boolean awaitsHashed;

  boolean ending;
  Command.@Nullable TakeIn takeIn;
  long takeInAt;
  @Nullable Memory between;
  long betweenEpoch;

  SimShard(int number, long quietWithin) {
    this.number = number;
    this.machine = new HomeShard(number, quietWithin);
  }

  /** A process in memory. */
  static final class Proc {
    final String key;
    SimStore.@Nullable Saved state;
    @Nullable Memory memory;
    boolean loading;
    boolean busy;
    @Nullable Commit last;
    final ArrayDeque<Calls.Work> mailbox = new ArrayDeque<>();

    Proc(String key) {
      this.key = key;
    }
  }

  /**
   * A process's memory cell: moves along in a planned move, and is gone after a crash.
   *
   * @param seen the durable value at the end of the last turn
   * @param turns how many turns there were since it was made
   */
  record Memory(String key, long seen, long turns) {}

  /** What one turn wants saved, and the replies that rest on it. */
  static final class Commit {
    final List<SimStore.Change> changes;
    final boolean endsPin;
    final List<Answerable> replies = new ArrayList<>();
    final Consumer<Fate> then;
    boolean saved;
    boolean over;

    Commit(List<SimStore.Change> changes, boolean endsPin, Consumer<Fate> then) {
      this.changes = changes;
      this.endsPin = endsPin;
      this.then = then;
    }
  }

  record Answerable(Calls.Work work, long value) {}

  /** Commits whose fate only the next claim's answer tells. */
  record Unsettled(long epoch, long claim, long sequence, List<Commit> commits) {}
}
