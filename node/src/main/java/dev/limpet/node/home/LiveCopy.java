package dev.limpet.node.home;

import dev.limpet.DeadlinePassed;
import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.Invariant;
import dev.limpet.core.home.CommitLane;
import dev.limpet.values.StickyMethod;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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
  private static final short CONSTRUCTOR = -1;

  private static final StackTraceElement[] NO_STACK = {};

  /** The low bits of a turn's number count the turns of one copy; the high ones are the copy's own. */
  private static final int TURN_BITS = 40;

  private static final VarHandle TURN;

  static {
    try {
      TURN = MethodHandles.lookup().findVarHandle(LiveCopy.class, "turn", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final ProcessId id;
  final HostedType type;
  final Ownership own;

  // Guarded by the turn lock.

  @Nullable Object process;
  private @Nullable CellSlot<?> cells; // the last declared

  /** The method that runs, or ran last. Written under the turn lock, read by anyone. */
  private short turnMethod;

  /** Odd while a turn runs, and then its number; even between turns. Written under the turn lock, read by anyone. */
  private long turn;

  /** Written under the turn lock; a look without it may see an older value. */
  private long usedAtMillis;

  /** Of {@link MemoryBounds}, which alone touches it. */
  byte uses;

  // Written under the turn lock, read by anyone.
  private volatile boolean gone;
  private volatile @Nullable Past past; // null while there is none

  /** Not idle before that time, at which its first turn must have begun. */
  LiveCopy(ProcessId id, HostedType type, Ownership own, long untilNanos) {
    this.id = id;
    this.type = type;
    this.own = own;
    this.usedAtMillis = own.services().idleMillis(untilNanos);
    // No two copies of a process ever name a turn alike.
    this.turn = own.nextCopy() << TURN_BITS;
  }

  // The turn that runs.

  /** A turn of that method begins on this thread. */
  final void enter(
      TurnThread mine, @Nullable Chain chain, long deadline, long now, StickyMethod method) {
    enter(mine, chain, deadline, now, method.index(), method.reads());
  }

  private void enter(
      TurnThread mine,
      @Nullable Chain chain,
      long deadline,
      long now,
      int method,
      boolean onlyReads) {
    mine.begin(this, chain, deadline, onlyReads);
    runner = mine;
    turnMethod = (short) method;
    usedAtMillis = own.services().idleMillis(now);
    TURN.setRelease(this, turn + 1);
  }

  /**
   * Asserts that no cell is left changed by an earlier turn; under the lock, before a turn. This look at the first cell
   * also brings it into the processor's cache while the process itself is on its way there.
   */
  final void checkCellsAreSettled() {
    CellSlot<?> first = cells;
    Invariant.check(
        first == null || !first.isChanged(), "no turn begins with a cell that another is changing");
  }

  /** The turn is over; without {@code keep} every cell is as it was before. */
  final void leave(TurnThread mine, boolean keep) {
    mine.end(keep);
    TURN.setRelease(this, turn + 1);
    runner = null;
  }

  /** The thread of the turn that runs, which must be the current one: nobody else may touch a cell. */
  /*
   * Looked at without the lock: a thread finds itself here only if it wrote itself and nothing since, and each sees its own
   * writing in order.
   */
  final TurnThread turnThread(CellSlot<?> cell) {
    TurnThread runs = runner;
    if (runs == null || runs.thread != Thread.currentThread() || runs.copy != this) {
      throw Cells.misused(
          "cell "
              + cell.name()
              + " of "
              + id
              + " was touched outside a turn, or from another thread than the turn's");
    }
    return runs;
  }

  /** The thread of the turn that runs, which is the current one. */
  final TurnThread turnThread() {
    return Objects.requireNonNull(runner, "a turn runs");
  }

  /** What is remembered of earlier turns, to be written to; under the turn lock. */
  final Past past() {
    Past known = past;
    if (known == null) {
      known = new Past();
      past = known;
    }
    return known;
  }

  /** What was handed in to be saved last; null if nothing was. */
  final @Nullable Commit lastCommit() {
    Past known = past;
    return known == null ? null : known.lastCommit;
  }

  /** Remembers what went wrong in the turn that runs, for who inspects the process, and for what follows from it. */
  final void note(Throwable e) {
    past().lastFailure = Failures.brief(e);
    if (!Failures.isOfOthers(e)) {
      past().ailing = true;
      Services services = own.services();
      services.supervision().turnFailed(own.shard(), id, turn, services.pauseNanos(), e);
    }
  }

  /** The turn that runs, for a call out of it; on its own thread only. */
  final Turn turnOn(TurnThread mine) {
    return new Turn(this, Chain.add(mine.chain, id, turn), mine.deadline);
  }

  /** Whether that turn of this process still runs. */
  boolean runs(long number) {
    return number != 0 && runningTurn() == number;
  }

  // The same, for who looks from outside: any of it may be over the next moment.

  /** The number of the turn that runs, 0 for none. */
  final long runningTurn() {
    long now = (long) TURN.getAcquire(this);
    return (now & 1) == 0 ? 0 : now;
  }

  /** What runs now, or ran last, in words. */
  final String turnMethod() {
    int method = turnMethod;
    return method == CONSTRUCTOR ? "its constructor" : type.method(method).name();
  }

  /** The thread that runs that turn; null if it is over. */
  final @Nullable Thread turnThread(long number) {
    // Between two looks at the number: the thread is then that turn's.
    TurnThread runs = runs(number) ? runner : null;
    return runs != null && runs(number) ? runs.thread : null;
  }

  /** Where that turn is; empty if it is over. */
  final StackTraceElement[] turnStack(long number) {
    Thread thread = turnThread(number);
    StackTraceElement[] stack = thread == null ? NO_STACK : thread.getStackTrace();
    return runs(number) ? stack : NO_STACK;
  }

  // Life.

  /** Loads what was saved and constructs the object; under the turn lock. */
  final void activate(Call call, long now) {
    Services services = own.services();
    if (!services.supervision().isQuiet()) {
      services.supervision().checkMayActivate(id, services.pauseNanos());
    }
    Map<String, byte[]> saved = load(call.deadlineNanos());
    Memories.@Nullable Memory moved = own.memoryOf(id);
    CellDeclarations declared =
        new CellDeclarations(this, saved, moved == null ? Map.of() : moved.byName());
    // Like a turn: what the constructor calls carries the chain, so it cannot wait for itself.
    TurnThread mine = TurnThread.current();
    TurnThread.@Nullable Outer outer = mine.outer();
    enter(mine, call.chain(), call.deadlineNanos(), now, CONSTRUCTOR, true);
    mine.declarations = declared;
    try {
      KeptResults results =
          KeptResults.load(saved, type.options().keysMax(), type.options().keysKept().toMillis());
      Object made = type.factory().create(this);
      process = Objects.requireNonNull(made, "its factory returned null");
      cells = declared.cells();
      if (results != null) {
        past().kept = results;
      }
      own.memoryArrived(id);
      if (services.supervision().activated(id, turn)) {
        past().ailing = true;
      }
    } catch (Throwable e) {
      past().lastFailure = Failures.brief(e);
      services.supervision().activationFailed(own.shard(), id, turn, services.pauseNanos(), e);
      throw Failures.ofActivation(this, e);
    } finally {
      leave(mine, true);
      mine.goOn(outer);
    }
  }

  private Map<String, byte[]> load(long deadlineNanos) {
    CompletableFuture<Map<String, byte[]>> loading =
        own.services().store().load(own.rows(), id, own.readFrom());
    try {
      return loading.isDone()
          ? loading.get()
          : loading.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
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
      Commit rest = lastCommit();
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
    Past known = past;
    if (known != null) {
      known.kept = null;
    }
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
    Past known = past;
    if (own.isEnded() || (known != null && known.ailing && restarts(known))) {
      forget();
    }
    release();
  }

  /**
   * A turn is over, of a process that failed lately: sees whether it is well again, or is to be made anew from what it
   * saved by the next call. All must be saved by then; a row of failing turns hands in nothing, so it soon is.
   */
  private boolean restarts(Past known) {
    Services services = own.services();
    Supervision supervision = services.supervision();
    if (supervision.endedWell(id, lastTurn())) {
      known.ailing = false;
      return false;
    }
    Commit rest = known.lastCommit;
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
            known.lastFailure);
    return true;
  }

  /** The number of the turn that is just over. */
  private long lastTurn() {
    return turn - 1;
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
    List<Memories.Cell> all = Cells.memory(cells);
    long idle = own.services().idleMillis(System.nanoTime()) - usedAtMillis;
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
    Commit rest = lastCommit();
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

  private CellDeclarations declaring(String name) {
    TurnThread runs = runner;
    CellDeclarations declared =
        runs != null && runs.thread == Thread.currentThread() && runs.copy == this
            ? runs.declarations
            : null;
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
    return own.services().node();
  }

  @Override
  public long epoch() {
    return own.epoch();
  }

  @Override
  public Clock clock() {
    return own.services().clock();
  }

  @Override
  public System.Logger logger() {
    return type.logger();
  }

  @Override
  public Limpet limpet() {
    return own.services().limpet();
  }

  @Override
  public void awaitSaved() {
    Turn turn = Turn.current();
    awaitSaved(
        turn == null ? System.nanoTime() + TimeUnit.SECONDS.toNanos(10) : turn.deadlineNanos());
  }

  /** Waits until all that the process has handed in is saved. */
  final void awaitSaved(long deadlineNanos) {
    Commit rest = lastCommit();
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
    Past known = past;
    return known == null ? null : known.lastFailure;
  }

  /** The cells as text, if no turn holds them for long; racy by nature. */
  Snapshot snapshot() {
    Map<String, String> texts = Map.of();
    long seen = 0;
    boolean live = false;
    try {
      if (acquireWithin(TimeUnit.MILLISECONDS.toNanos(200))) {
        try {
          seen = (turn & ((1L << TURN_BITS) - 1)) / 2;
          live = process != null;
          texts = Cells.texts(cells);
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
