package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.DeadlinePassed;
import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.home.CommitLane;
import dev.limpet.engine.Store;
import dev.limpet.values.StickyMethod;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One copy of a process in memory: the application's object, its cells, and the turn that runs; made and ended here. */
/*
 * A copy is made empty. The first turn loads what was saved and constructs the object. It is over for good when it was
 * idle for long (passivate), or when its shard is lost (lose); a copy that is over keeps nothing in memory, since
 * references remember copies. How a turn goes is Activation's part.
 */
abstract sealed class LiveCopy extends TurnLock implements ProcessContext permits Activation {
  /** In the place of a method's index, while a process is being constructed. */
  private static final int CONSTRUCTOR = -1;

  private static final StackTraceElement[] NO_STACK = {};

  /** The low bits of a turn's number count the turns of one copy; the high ones are the copy's own. */
  private static final int TURN_BITS = 40;

  private static final VarHandle TURN_ID;

  static {
    try {
      TURN_ID = MethodHandles.lookup().findVarHandle(LiveCopy.class, "turnId", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final ProcessId id;
  final HostedType type;
  final Ownership own;
  final Services services;

  // Guarded by the turn lock.
  @Nullable Object process;
  @Nullable KeptResults kept; // null while there are none
  private @Nullable Cells cells; // null while it has none
  private long turns;

  // The turn under way; guarded by the turn lock.
  private Turn.@Nullable Holder holder;
  private @Nullable Chain turnChain;
  private long turnDeadline;
  private int turnMethod;

  /** Whether something failed since a turn last ended well; guarded by the turn lock. */
  private boolean ailing;

  /** The number of the turn under way, 0 for none. Written under the turn lock, read by anyone. */
  private long turnId;

  /** Written under the turn lock; a look without it may see an older value. */
  private long usedAtMillis;

  // Written under the turn lock, read by anyone.
  private volatile boolean gone;
  volatile @Nullable Commit lastCommit;
  private volatile @Nullable String lastFailure;

  LiveCopy(ProcessId id, HostedType type, Ownership own, Services services) {
    this.id = id;
    this.type = type;
    this.own = own;
    this.services = services;
    this.usedAtMillis = services.idleMillis(System.nanoTime());
    // No two copies of a process ever name a turn alike.
    this.turns = own.nextCopy() << TURN_BITS;
  }

  // The turn that runs.

  /** A turn of that method begins on this thread. */
  final void enter(
      Turn.Holder mine, @Nullable Chain chain, long deadline, long now, StickyMethod method) {
    enter(mine, chain, deadline, now, method.index(), method.reads());
  }

  private void enter(
      Turn.Holder mine,
      @Nullable Chain chain,
      long deadline,
      long now,
      int method,
      boolean onlyReads) {
    mine.activation = this;
    holder = mine;
    turnChain = chain;
    turnDeadline = deadline;
    turnMethod = method;
    usedAtMillis = services.idleMillis(now);
    TURN_ID.setRelease(this, ++turns);
    Cells declared = cells;
    if (declared != null) {
      declared.begin(onlyReads);
    }
  }

  /** The turn is over; without {@code keep} every cell is as it was before. */
  final void leave(boolean keep) {
    Cells declared = cells;
    if (declared != null) {
      declared.end(keep);
    }
    TURN_ID.setRelease(this, 0L);
    Turn.Holder mine = holder;
    if (mine != null) {
      mine.activation = null;
    }
    holder = null;
    turnChain = null;
  }

  /** The deadline of the turn that runs. */
  final long turnDeadline() {
    return turnDeadline;
  }

  /** What the turn that runs has changed, as it is to be saved. */
  final List<Store.Change> changes() {
    Cells declared = cells;
    try {
      return declared == null ? Cells.NO_CHANGES : declared.changes();
    } catch (CellMisused e) {
      note(e);
      throw e;
    }
  }

  /** Remembers what went wrong in the turn that runs, for who inspects the process, and for what follows from it. */
  final void note(Throwable e) {
    lastFailure = Failures.brief(e);
    if (!Failures.isOfOthers(e)) {
      ailing = true;
      services.supervision().turnFailed(own.shard(), id, turns, services.pauseNanos(), e);
    }
  }

  /** The turn that runs, for a call out of it; on its own thread only. */
  Turn turnNow() {
    return new Turn(this, Chain.add(turnChain, id, turnId), turnDeadline);
  }

  /** Whether that turn of this process still runs. */
  boolean runs(long turn) {
    return turn != 0 && (long) TURN_ID.getAcquire(this) == turn;
  }

  // The same, for who looks from outside: any of it may be over the next moment.

  /** The number of the turn that runs, 0 for none. */
  final long runningTurn() {
    return (long) TURN_ID.getAcquire(this);
  }

  /** What runs now, or ran last, in words. */
  final String turnMethod() {
    int method = turnMethod;
    return method == CONSTRUCTOR ? "its constructor" : type.method(method).name();
  }

  /** The thread that runs that turn; null if it is over. */
  final @Nullable Thread turnThread(long turn) {
    Turn.Holder runs = holder;
    return runs != null && runs(turn) ? runs.thread : null;
  }

  /** Where that turn is; empty if it is over. */
  final StackTraceElement[] turnStack(long turn) {
    Thread thread = turnThread(turn);
    StackTraceElement[] stack = thread == null ? NO_STACK : thread.getStackTrace();
    return runs(turn) ? stack : NO_STACK;
  }

  // Life.

  /** Loads what was saved and constructs the object; under the turn lock. */
  final void activate(Call call) {
    services.supervision().checkMayActivate(id, services.pauseNanos());
    Map<String, byte[]> saved = load(call.deadlineNanos());
    // Like a turn: what the constructor calls carries the chain, so it cannot wait for itself.
    Turn.Holder mine = Turn.holder();
    @Nullable LiveCopy outer = mine.activation;
    enter(mine, call.chain(), call.deadlineNanos(), System.nanoTime(), CONSTRUCTOR, true);
    Memories.@Nullable Memory moved = own.memoryOf(id);
    Cells declared = new Cells(id, type, saved, moved == null ? Map.of() : moved.byName());
    cells = declared;
    try {
      KeptResults results =
          KeptResults.load(saved, type.options().keysMax(), type.options().keysKept().toMillis());
      Object made = type.factory().create(this);
      process = Objects.requireNonNull(made, "its factory returned null");
      kept = results;
      own.memoryArrived(id);
      ailing = services.supervision().activated(id, turns);
    } catch (Throwable e) {
      lastFailure = Failures.brief(e);
      services.supervision().activationFailed(own.shard(), id, turns, services.pauseNanos(), e);
      throw Failures.ofActivation(this, e);
    } finally {
      declared.endConstruction();
      leave(true);
      mine.activation = outer;
      // Without any, or to be declared anew by the next attempt.
      cells = process == null || declared.isEmpty() ? null : declared;
    }
  }

  private Map<String, byte[]> load(long deadlineNanos) {
    try {
      return services
          .store()
          .load(own.rows(), id, own.readFrom())
          .get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new DeadlinePassed(
          Executed.NO, "the deadline passed while the saved state was being loaded");
    } catch (ExecutionException e) {
      throw new Unavailable(
          ErrorCode.STORE_UNAVAILABLE,
          Executed.NO,
          "the saved state of " + id + " could not be loaded: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DeadlinePassed(
          Executed.NO, "the calling thread was interrupted while the saved state was being loaded");
    }
  }

  /** Ends this copy if it was idle since then; everything it saved is saved. */
  boolean passivate(long idleSinceMillis) {
    // A process in use is not idle, nor is one whose own turn moves a virtual clock on.
    if (usedAtMillis > idleSinceMillis || waiting() > 0 || !tryAcquire()) {
      return false;
    }
    try {
      Commit rest = lastCommit;
      if (usedAtMillis > idleSinceMillis || (rest != null && !rest.isSaved())) {
        return false;
      }
      forget();
      return true;
    } finally {
      release();
    }
  }

  /** Lets go of what the process holds, unless a turn runs: that turn does it when it ends. The shard is lost. */
  void lose() {
    if (tryAcquire()) {
      forget();
      release();
    }
  }

  /** This copy is over, and is not to keep anything in memory for a reference that still points here. */
  private void forget() {
    gone = true;
    process = null;
    cells = null;
    kept = null;
  }

  boolean isGone() {
    return gone;
  }

  /** Whether no turn will ever begin here again. */
  public final boolean isOver() {
    return gone || own.isEnded();
  }

  /** Leaves the turn lock after a turn. */
  final void leaveLock() {
    if (own.isEnded() || (ailing && restarts())) {
      forget();
    }
    release();
  }

  /**
   * A turn is over, of a process that failed lately: sees whether it is well again, or is to be made anew from what it
   * saved by the next call. All must be saved by then; a row of failing turns hands in nothing, so it soon is.
   */
  private boolean restarts() {
    Supervision supervision = services.supervision();
    if (supervision.endedWell(id, turns)) {
      ailing = false;
      return false;
    }
    Commit rest = lastCommit;
    if (!type.options().restartsWhenFailing()
        || process == null
        || !own.isOpen()
        || (rest != null && !rest.isSaved())
        || !supervision.restarts(id, services.pauseNanos())) {
      return false;
    }
    own.forget(id, this);
    type.logger()
        .log(
            Level.WARNING,
            "{0} threw in turn after turn; it is made anew from its saved state. The last was: {1}",
            id,
            lastFailure);
    return true;
  }

  // The shard wants to move: see whether a turn runs, and what memory there is to take along.

  /** What travels in a move; null if nothing does. Waits for the turn that runs, which in a frozen shard is none. */
  final Memories.@Nullable Memory memory(long untilNanos) throws InterruptedException {
    if (!acquireWithin(Math.max(0, untilNanos - System.nanoTime()))) {
      return null;
    }
    try {
      return memoryNow();
    } finally {
      release();
    }
  }

  private Memories.@Nullable Memory memoryNow() {
    List<Memories.Cell> all = cells == null ? List.of() : cells.memory();
    long idle = services.idleMillis(System.nanoTime()) - usedAtMillis;
    long left = Math.max(0, type.options().idleAfter().toMillis() - idle);
    return all.isEmpty() ? null : new Memories.Memory(id, left, all);
  }

  /** No further turn is to begin here: who waits for one goes elsewhere. */
  final void closeDoor() {
    gone = true;
  }

  /**
   * Ends this copy, which nobody finds any more, after the turn that runs: what lives in memory, once all is saved that
   * the process has handed in; null if there is none, or the shard is lost.
   */
  final Memories.@Nullable Memory takeOut() throws InterruptedException {
    while (!acquireWithin(TimeUnit.MILLISECONDS.toNanos(100))) {
      if (own.isEnded()) {
        return null;
      }
    }
    Memories.@Nullable Memory memory;
    Commit rest = lastCommit;
    try {
      memory = own.isEnded() ? null : memoryNow();
      forget();
    } finally {
      release();
    }
    return rest == null || rest.awaitFate() == CommitLane.Fate.SAVED ? memory : null;
  }

  /** Waits until no turn runs at this moment. */
  boolean sawIdle(long untilNanos) throws InterruptedException {
    if (!acquireWithin(Math.max(0, untilNanos - System.nanoTime()))) {
      return false;
    }
    release();
    return true;
  }

  // What the process knows of itself.

  @Override
  public <T> Durable<T> durable(String name, Class<T> cellType, T initial) {
    return declaring(name).durable(name, cellType, initial);
  }

  @Override
  public <T> Memory<T> memory(String name, Class<T> cellType, T initial) {
    return declaring(name).memory(name, cellType, initial);
  }

  private Cells declaring(String name) {
    Cells declared = cells;
    if (declared == null) {
      throw Cells.misused("cell " + name + " was declared outside the constructor of " + id);
    }
    return declared;
  }

  @Override
  public ProcessId id() {
    return id;
  }

  @Override
  public String home() {
    return services.node();
  }

  @Override
  public long epoch() {
    return own.epoch();
  }

  @Override
  public Clock clock() {
    return services.clock();
  }

  @Override
  public System.Logger logger() {
    return type.logger();
  }

  @Override
  public Limpet limpet() {
    return services.limpet();
  }

  @Override
  public void awaitSaved() {
    Turn turn = Turn.current();
    awaitSaved(
        turn == null ? System.nanoTime() + TimeUnit.SECONDS.toNanos(10) : turn.deadlineNanos());
  }

  /** Waits until all that the process has handed in is saved. */
  final void awaitSaved(long deadlineNanos) {
    Commit rest = lastCommit;
    if (rest != null) {
      rest.awaitSaved(deadlineNanos);
    }
  }

  // Reports.

  HostedType type() {
    return type;
  }

  long usedAtMillis() {
    return usedAtMillis;
  }

  @Nullable String lastFailure() {
    return lastFailure;
  }

  /** The cells as text, if no turn holds them for long; racy by nature. */
  Snapshot snapshot() {
    Map<String, String> texts = Map.of();
    long seen = 0;
    boolean live = false;
    try {
      if (acquireWithin(TimeUnit.MILLISECONDS.toNanos(200))) {
        try {
          seen = turns & ((1L << TURN_BITS) - 1);
          live = process != null;
          texts = cells == null ? Map.of() : cells.texts();
        } finally {
          release();
        }
      } else {
        live = true; // whoever holds it is in a turn
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Snapshot(live, seen, texts);
  }

  record Snapshot(boolean live, long turns, Map<String, String> cells) {}
}
