package dev.limpet.node.home;

import dev.limpet.engine.Store;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A thread, and the turn that it is in the middle of. Touched by that thread only, but for what is final. */
/*
 * What is true of a turn only while it runs stands here, once for each thread, and not in each process: a process that is
 * idle has no use for it, and a thread that runs turn after turn finds it in its cache.
 *
 * It hangs on the thread and is set and reset around each turn. A scoped value would say the same more strictly; it cost
 * two allocations and about a fifth of a call at home (see docs/decisions/0006).
 */
final class TurnThread {
  private static final ThreadLocal<TurnThread> CURRENT = ThreadLocal.withInitial(TurnThread::new);

  /** How many changed cells are provided for once there is one. */
  private static final int CELLS = 4;

  private static final CellSlot<?>[] NO_CELLS = {};
  private static final @Nullable Object[] NO_VALUES = {};

  final Thread thread = Thread.currentThread();

  /** The process whose turn runs on this thread: the innermost, if a turn's call is answered on this very thread. */
  @Nullable LiveCopy copy;

  /** The turn that an asynchronous call came out of, in the thread that makes it. */
  @Nullable Turn inherited;

  // Of the turn that runs.

  @Nullable Chain chain;
  long deadline;

  /** Whether cells may be read only. */
  boolean onlyReads;

  /** Where cells are declared while the process is being constructed; null in any other turn. */
  @Nullable CellDeclarations declarations;

  /** The process's last commit as it was when the turn began; of a turn of the short way. */
  @Nullable Commit commitBefore;

  // The cells that turns have changed, with their values from before, in the order of their first
  // change. The turn that
  // runs has those from its first on; what is before belongs to the turns around it.

  private CellSlot<?>[] changed = NO_CELLS;
  private @Nullable Object[] before = NO_VALUES;
  private int changes;
  private int first;

  /** That of the current thread. */
  static TurnThread current() {
    return CURRENT.get();
  }

  /** Whether a call on this thread comes out of a turn. */
  boolean isTaken() {
    return copy != null || inherited != null;
  }

  /** A turn around another one, as it was when that began. */
  record Outer(
      LiveCopy copy,
      @Nullable Chain chain,
      long deadline,
      boolean onlyReads,
      @Nullable CellDeclarations declarations,
      @Nullable Commit commitBefore,
      int first) {}

  /** The turn that runs, to be put back when one within it is over; null if none runs. */
  @Nullable Outer outer() {
    LiveCopy running = copy;
    return running == null
        ? null
        : new Outer(running, chain, deadline, onlyReads, declarations, commitBefore, first);
  }

  /** A turn begins. */
  void begin(LiveCopy of, @Nullable Chain itsChain, long itsDeadline, boolean itOnlyReads) {
    copy = of;
    chain = itsChain;
    deadline = itsDeadline;
    onlyReads = itOnlyReads;
    declarations = null;
    commitBefore = null;
    first = changes;
  }

  /** The turn is over, and every cell that it changed is as it was before if {@code keep} is false. */
  void end(boolean keep) {
    if (changes > first) {
      endChanges(keep);
    }
    copy = null;
    chain = null;
    declarations = null;
    commitBefore = null;
  }

  /** After {@link #end}: the turn around it goes on. */
  void goOn(@Nullable Outer outer) {
    if (outer != null) {
      copy = outer.copy;
      chain = outer.chain;
      deadline = outer.deadline;
      onlyReads = outer.onlyReads;
      declarations = outer.declarations;
      commitBefore = outer.commitBefore;
      first = outer.first;
    }
  }

  /** The cell is about to change for the first time in this turn. */
  void changes(CellSlot<?> slot, Object value) {
    int at = changes;
    if (at == changed.length) {
      int more = Math.max(CELLS, 2 * at);
      changed = Arrays.copyOf(changed, more);
      before = Arrays.copyOf(before, more);
    }
    changed[at] = slot;
    before[at] = value;
    changes = at + 1;
  }

  private void endChanges(boolean keep) {
    for (int i = first; i < changes; i++) {
      changed[i].end(keep ? null : before[i]);
      before[i] = null;
    }
    Arrays.fill(changed, first, changes, null);
    changes = first;
    if (changes == 0 && changed.length > CELLS) {
      changed = NO_CELLS;
      before = NO_VALUES;
    }
  }

  /** What the turn that runs has changed, as it is to be saved. */
  List<Store.Change> toSave() {
    return changes == first ? Cells.NO_CHANGES : Cells.toSave(changed, first, changes);
  }
}
