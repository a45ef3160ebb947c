package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.DeadlinePassed;
import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.LimpetException;
import dev.limpet.Memory;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessContext;
import dev.limpet.ProcessFailed;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.engine.Store;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.Thrown;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One live process: the application's object, its cells, and the lock that lets one turn at a time at them. */
/*
 * A turn, step by step. (1) Take the lock, fairly, within the deadline. (2) Is this copy still the one: not passivated,
 * its shard still owned and not about to move, the lease valid? (3) Activate if need be: load, construct. (4) Run.
 * (5) Under the lock still, encode what changed and hand it to the shard's lane; take the result, by value. (6) Release
 * the lock: the next turn may begin while the commit is under way. (7) The answer leaves when everything that the process
 * ever handed to the lane is saved, for reads and refusals too; with nothing to wait for, lease and ownership are looked
 * at once more.
 *
 * A turn that throws leaves every cell as it was and commits nothing, except the answer to an idempotency key.
 */
final class Activation implements ProcessContext {

  private final ProcessId id;
  private final HostedType type;
  private final Ownership own;
  private final Services services;
  private final TurnLock lock = new TurnLock();
  private final Cells cells;
  private final long firstTurn;

  // Guarded by the turn lock.
  private @Nullable Object process;
  private @Nullable KeptResults kept;
  private long turns;
  private @Nullable Call turnCall;

  // Written under the turn lock, read by anyone.
  private volatile long turnId;

  /** The last turn that called another process. */
  private volatile long calledOut;

  private volatile boolean gone;
  private volatile @Nullable Commit lastCommit;
  private volatile long usedAtMillis;
  private volatile @Nullable String lastFailure;

  Activation(ProcessId id, HostedType type, Ownership own, Services services) {
    this.id = id;
    this.type = type;
    this.own = own;
    this.services = services;
    this.cells = new Cells(id, type);
    this.usedAtMillis = services.clock().millis();
    // No two copies of a process ever name a turn alike.
    this.turns = own.nextCopy() << 40;
    this.firstTurn = turns;
  }

  /**
   * Runs a turn.
   *
   * @return the result, or {@link Thrown}
   * @throws Bounced if the process is not to be found here any more
   */
  @Nullable Object run(Call call) {
    lock.acquire(call.deadlineNanos(), type.options().callsWaitingMax());
    @Nullable Object answer = null;
    @Nullable LimpetException refusal = null;
    @Nullable Commit rest;
    boolean committed;
    boolean hasCalledOut;
    boolean late = false;
    try {
      if (gone || own.isEnded()) {
        throw new Bounced();
      }
      late = own.admit(call.chain());
      begin(call);
      if (process == null) {
        activate(call);
        begin(call);
      }
      Commit earlier = lastCommit;
      long before = turns;
      try {
        answer = call.key() == null ? turn(call, null) : turnOnce(call, call.key());
      } catch (LimpetException e) {
        refusal = e;
      } catch (Bounced b) {
        throw lost(calledOut > before, b);
      }
      rest = lastCommit;
      committed = rest != earlier;
      hasCalledOut = calledOut > before;
      usedAtMillis = services.now();
    } finally {
      if (late) {
        own.lateTurnEnds();
      }
      lock.release();
    }
    try {
      if (rest != null && !rest.isSaved()) {
        awaitSaved(rest, call.deadlineNanos());
      } else if (!committed) {
        end(call);
      }
    } catch (Bounced b) {
      throw lost(hasCalledOut, b);
    }
    if (refusal != null) {
      throw refusal;
    }
    return answer;
  }

  /** A turn without effects may run again elsewhere; one that has called other processes may not. */
  private static RuntimeException lost(boolean hasCalledOut, Bounced b) {
    return hasCalledOut
        ? new OutcomeUnknown(
            "the home lost the shard during a turn that had called other processes; nothing of its"
                + " own was saved, but what they did stands")
        : b;
  }

  /** Nothing begins without a lease, nor after its deadline. */
  private void begin(Call call) {
    long now = System.nanoTime();
    if (!services.gate().open(now)) {
      throw new Unavailable(ErrorCode.NO_QUORUM, Executed.NO, services.gate().whyShut());
    }
    if (now - call.deadlineNanos() >= 0) {
      throw new DeadlinePassed(Executed.NO, "the deadline passed before the turn began");
    }
  }

  /** A turn without a commit looks at lease and ownership again before its answer leaves (rule 14). */
  private void end(Call call) {
    boolean still = !own.isEnded();
    if (still && services.gate().stillOpen(System.nanoTime())) {
      return;
    }
    if (!still) {
      throw new Bounced();
    }
    String why = "the lease ended while the turn ran: " + services.gate().whyShut();
    if (type.method(call.method()).reads()) {
      throw new Unavailable(ErrorCode.NO_QUORUM, Executed.NO, why);
    }
    throw new OutcomeUnknown(why);
  }

  /**
   * Runs the method.
   *
   * @param digest of the arguments, for a call with an idempotency key; made before the turn, which may change them
   */
  private @Nullable Object turn(Call call, byte @Nullable [] digest) {
    StickyMethod method = type.method(call.method());
    Turn.Holder holder = enter(call);
    @Nullable Activation outer = holder.activation;
    holder.activation = this;
    cells.begin(method.reads());
    boolean done = false;
    try {
      Object target = process;
      if (target == null) {
        throw new AssertionError("a turn has a process");
      }
      @Nullable Object result = type.dispatcher().invoke(target, call.method(), call.arguments());
      @Nullable Object own = method.isolateResult(result);
      List<Store.Change> changes = cells.changes();
      if (call.key() == null || digest == null) {
        commit(changes);
      } else {
        byte[] payload = method.encodeResult(own);
        long now = services.clock().millis();
        keep(call.key(), new KeptResult(method.name(), digest, false, payload, now), changes);
      }
      done = true;
      return own;
    } catch (Throwable e) {
      return failed(call, digest, method, e);
    } finally {
      holder.activation = outer;
      leave();
      cells.end(done);
    }
  }

  private Turn.Holder enter(Call call) {
    turnId = ++turns;
    turnCall = call;
    return Turn.holder();
  }

  private void leave() {
    turnId = 0;
    turnCall = null;
  }

  /** The turn that runs, for a call out of it; on its own thread only. */
  Turn turnNow() {
    Call call = Objects.requireNonNull(turnCall, "a thread in a turn has a call");
    return new Turn(this, Chain.add(call.chain(), id, turnId), call.deadlineNanos());
  }

  /** That turn, or a thread that it started, calls another process. */
  void callsOut(long turn) {
    calledOut = turn;
  }

  private Object failed(Call call, byte @Nullable [] digest, StickyMethod method, Throwable e) {
    if (method.exceptions().declares(e)) {
      Thrown declared = method.exceptions().describe(e);
      if (call.key() != null && digest != null) {
        long now = services.clock().millis();
        keep(
            call.key(), KeptResult.thrown(method.name(), digest, declared, now), new ArrayList<>());
      }
      return declared;
    }
    switch (e) {
      case Bounced b -> throw b;
      case Unavailable u -> throw new Unavailable(u.code(), Executed.UNKNOWN, nested(method, u));
      case DeadlinePassed d -> throw new DeadlinePassed(Executed.UNKNOWN, nested(method, d));
      case OutcomeUnknown u -> throw new OutcomeUnknown(nested(method, u));
      case LimpetException l
          when l.code() == ErrorCode.CALL_CYCLE || l.code() == ErrorCode.OVERLOADED ->
          throw l;
      case CellMisused c -> {
        note(c);
        throw c;
      }
      default -> {
        String incident = UUID.randomUUID().toString();
        note(e);
        type.logger()
            .log(
                Level.ERROR,
                () ->
                    "incident "
                        + incident
                        + ": "
                        + id
                        + "."
                        + method.name()
                        + " threw; nothing changed",
                e);
        throw new ProcessFailed(
            ErrorCode.PROCESS_FAILED,
            Executed.NO,
            id
                + "."
                + method.name()
                + " threw "
                + e.getClass().getName()
                + ", which it does not declare; the state is unchanged. Incident "
                + incident);
      }
    }
  }

  private String nested(StickyMethod method, LimpetException e) {
    return "a call that " + id + "." + method.name() + " made failed: " + e.getMessage();
  }

  private void note(Throwable e) {
    lastFailure = e.toString();
  }

  // Exactly once, by key.

  private @Nullable Object turnOnce(Call call, String key) {
    KeptResults results = kept;
    if (results == null) {
      throw new AssertionError("an activated process has a table of kept results");
    }
    StickyMethod method = type.method(call.method());
    byte[] digest = method.digest(call.arguments());
    KeptResult known = results.find(key, method.name(), digest);
    if (known != null) {
      return known.thrown() ? known.asThrown() : method.decodeResult(known.payload());
    }
    results.makeRoom(services.clock().millis());
    return turn(call, digest);
  }

  private void keep(String key, KeptResult answer, List<Store.Change> changes) {
    KeptResults results = kept;
    if (results == null) {
      throw new AssertionError("an activated process has a table of kept results");
    }
    results.describe(id, key, answer, changes);
    commit(changes);
    results.keep(key, answer);
  }

  // Saving.

  private void commit(List<Store.Change> changes) {
    if (!changes.isEmpty()) {
      Commit commit = new Commit(changes);
      requireFits(commit.bytes());
      own.offer(commit);
      lastCommit = commit;
    }
  }

  private void requireFits(int bytes) {
    int max = services.store().commitBytesMax();
    if (bytes > max) {
      throw new CellMisused(
          ErrorCode.STATE_TOO_LARGE,
          "the turn of "
              + id
              + " changed "
              + bytes
              + " bytes of state; at most "
              + max
              + " go into one commit. Change less in one turn, or split the process by key");
    }
  }

  void awaitSaved(long deadlineNanos) {
    Commit rest = lastCommit;
    if (rest != null && !rest.isSaved()) {
      awaitSaved(rest, deadlineNanos);
    }
  }

  private static void awaitSaved(Commit commit, long deadlineNanos) {
    @Nullable Fate fate;
    try {
      fate = commit.await(deadlineNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknown(
          "the calling thread was interrupted while the turn's changes were being saved");
    }
    if (fate == null) {
      throw new DeadlinePassed(
          Executed.UNKNOWN, "the deadline passed while the turn's changes were being saved");
    }
    switch (fate) {
      case SAVED -> {}
      case NOT_SAVED -> throw new Bounced();
      case UNKNOWN ->
          throw new OutcomeUnknown(
              "the home lost the shard while the turn's changes were being saved");
    }
  }

  // Activation and passivation.

  private void activate(Call call) {
    Map<String, byte[]> saved = load(call.deadlineNanos());
    KeptResults results =
        new KeptResults(type.options().keysMax(), type.options().keysKept().toMillis());
    // Like a turn: what the constructor calls carries the chain, so it cannot wait for itself.
    Turn.Holder holder = enter(call);
    @Nullable Activation outer = holder.activation;
    holder.activation = this;
    cells.beginConstruction(saved);
    try {
      results.load(saved);
      Object made = type.factory().create(this);
      process = Objects.requireNonNull(made, "its factory returned null");
      kept = results;
    } catch (Throwable e) {
      cells.forget();
      String incident = UUID.randomUUID().toString();
      note(e);
      type.logger()
          .log(
              Level.ERROR, () -> "incident " + incident + ": " + id + " could not be activated", e);
      throw new ProcessFailed(
          ErrorCode.ACTIVATION_FAILED,
          Executed.NO,
          id
              + " could not be activated: "
              + e
              + ". Its saved state is untouched. Incident "
              + incident);
    } finally {
      holder.activation = outer;
      leave();
      cells.endConstruction();
    }
  }

  private Map<String, byte[]> load(long deadlineNanos) {
    try {
      return services
          .store()
          .load(own.shard(), id, own.readFrom())
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
    if (usedAtMillis > idleSinceMillis
        || lock.waiting() > 0
        // A turn that moves a virtual clock on is no reason to end its own process.
        || lock.heldByCaller()
        || !lock.tryAcquire()) {
      return false;
    }
    try {
      Commit rest = lastCommit;
      if (usedAtMillis > idleSinceMillis || (rest != null && !rest.isSaved())) {
        return false;
      }
      gone = true;
      return true;
    } finally {
      lock.release();
    }
  }

  boolean isGone() {
    return gone;
  }

  // The shard wants to move: see whether a turn runs.

  /** Waits until no turn runs at this moment. */
  boolean sawIdle(long untilNanos) throws InterruptedException {
    if (!lock.acquireWithin(Math.max(0, untilNanos - System.nanoTime()))) {
      return false;
    }
    lock.release();
    return true;
  }

  /** Whether that turn of this process still runs. */
  boolean runs(long turn) {
    return turnId == turn && turn != 0;
  }

  // What the process knows of itself.

  @Override
  public <T> Durable<T> durable(String name, Class<T> cellType, T initial) {
    return cells.durable(name, cellType, initial);
  }

  @Override
  public <T> Memory<T> memory(String name, Class<T> cellType, T initial) {
    return cells.memory(name, cellType, initial);
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

  // Reports.

  HostedType type() {
    return type;
  }

  long usedAtMillis() {
    return usedAtMillis;
  }

  int waiting() {
    return lock.waiting();
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
      if (lock.acquireWithin(TimeUnit.MILLISECONDS.toNanos(200))) {
        try {
          seen = turns - firstTurn;
          live = process != null;
          texts = cells.texts();
        } finally {
          lock.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Snapshot(live, seen, texts);
  }

  record Snapshot(boolean live, long turns, Map<String, String> cells) {}
}
