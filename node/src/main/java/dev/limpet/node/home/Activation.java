package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.engine.Store;
import dev.limpet.values.NearProcess;
import dev.limpet.values.NearTurn;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.Thrown;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A live process, and how a turn of it goes. */
/*
 * A turn, step by step. (1) Take the lock, fairly, within the deadline. (2) Is this copy still the one: not passivated,
 * its shard still owned and not about to move, the lease valid? (3) Activate if need be: load, construct. (4) Run.
 * (5) Under the lock still, encode what changed and hand it to the shard's lane; take the result, by value. (6) Release
 * the lock: the next turn may begin while the commit is under way. (7) The answer leaves when everything that the process
 * ever handed to the lane is saved, for reads and refusals too; with nothing to wait for, lease and ownership are looked
 * at once more.
 *
 * A turn that throws leaves every cell as it was and commits nothing, except the answer to an idempotency key.
 *
 * There are two ways through these steps. The long way, run, takes any call. The short way, begin and end (or fail), is
 * for the calls that matter most for speed, those of a caller on this node outside of any turn to a process in memory
 * that nobody else is using: the caller's stub calls the process itself in between, and what the turn is stands in the
 * fields here instead of in objects made for it.
 */
final class Activation extends LiveCopy implements NearProcess, NearTurn {
  Activation(ProcessId id, HostedType type, Ownership own, long untilNanos) {
    super(id, type, own, untilNanos);
  }

  // The long way.

  /**
   * Runs a turn.
   *
   * @return the result, or {@link Thrown}
   * @throws Bounced if the process is not to be found here any more; the turn did not begin
   */
  @Nullable Object run(Call call) {
    acquire(call.deadlineNanos(), type.options().callsWaitingMax());
    StickyMethod method = type.method(call.method());
    @Nullable Object answer = null;
    @Nullable LimpetException refusal = null;
    @Nullable Commit before;
    @Nullable Commit rest;
    boolean late = false;
    try {
      if (isOver()) {
        throw new Bounced();
      }
      late = own.admit(call.chain());
      long now = checkMayBegin(call);
      if (process == null) {
        activate(call, now);
        now = checkMayBegin(call);
      }
      before = lastCommit();
      try {
        answer =
            call.key() == null
                ? turn(call, method, now, null)
                : turnOnce(call, method, now, call.key());
      } catch (LimpetException e) {
        refusal = e;
      }
      rest = lastCommit();
    } finally {
      if (late) {
        own.lateTurnEnds();
      }
      leaveLock();
    }
    settle(method, before, rest, call.deadlineNanos());
    if (refusal != null) {
      throw refusal;
    }
    return answer;
  }

  /** Nothing begins without a lease, nor after its deadline. Returns the time, as of {@code System.nanoTime()}. */
  private long checkMayBegin(Call call) {
    Gate gate = own.services().gate();
    long now = gate.openNow();
    if (now == Gate.SHUT) {
      throw new Unavailable(ErrorCode.NO_QUORUM, Executed.NO, gate.whyShut());
    }
    if (now - call.deadlineNanos() >= 0) {
      throw new DeadlinePassed(Executed.NO, "the deadline passed before the turn began");
    }
    return now;
  }

  /**
   * Runs the method.
   *
   * @param digest of the arguments, for a call with an idempotency key; made before the turn, which may change them
   */
  private @Nullable Object turn(
      Call call, StickyMethod method, long now, byte @Nullable [] digest) {
    TurnThread mine = TurnThread.current();
    TurnThread.@Nullable Outer outer = mine.outer();
    enter(mine, call.chain(), call.deadlineNanos(), now, method);
    boolean stands = false;
    try {
      @Nullable Object answer = invoke(call, method);
      boolean returned = !(answer instanceof Thrown);
      List<Store.Change> changes = returned ? changes(mine) : Cells.NO_CHANGES;
      if (call.key() != null && digest != null) {
        keep(call.key(), result(method, digest, answer), changes);
      } else {
        commit(changes);
      }
      stands = returned;
      return answer;
    } finally {
      leave(mine, stands);
      mine.goOn(outer);
    }
  }

  /** What the turn that runs has changed, as it is to be saved. */
  private List<Store.Change> changes(TurnThread mine) {
    try {
      return mine.toSave();
    } catch (CellMisused e) {
      note(e);
      throw e;
    }
  }

  private @Nullable Object invoke(Call call, StickyMethod method) {
    try {
      return method.isolateResult(
          type.dispatcher().invoke(process(), call.method(), call.arguments()));
    } catch (Throwable e) {
      return declared(method, e);
    }
  }

  private KeptResult result(StickyMethod method, byte[] digest, @Nullable Object answer) {
    long now = own.services().clock().millis();
    return answer instanceof Thrown thrown
        ? KeptResult.thrown(method.name(), digest, thrown, now)
        : new KeptResult(method.name(), digest, false, method.encodeResult(answer), now);
  }

  // The short way.

  @Override
  public @Nullable Object argument(int methodIndex, int place, @Nullable Object value) {
    return type.method(methodIndex).isolateArgument(place, value);
  }

  @Override
  public @Nullable NearTurn begin(int methodIndex, long timeoutNanos) {
    TurnThread mine = TurnThread.current();
    if (mine.isTaken() || !tryAcquire()) {
      return null;
    }
    if (process == null || !own.isOpen()) {
      release();
      return null;
    }
    checkCellsAreSettled();
    long now = own.services().gate().openNow();
    if (now == Gate.SHUT) {
      release();
      return null;
    }
    enter(mine, null, now + timeoutNanos, now, type.method(methodIndex));
    mine.commitBefore = lastCommit();
    return this;
  }

  @Override
  public Object process() {
    return Objects.requireNonNull(process, "a turn has a process");
  }

  @Override
  public @Nullable Object result(int methodIndex, @Nullable Object value) {
    return type.method(methodIndex).isolateResult(value);
  }

  @Override
  public long end(int methodIndex) {
    StickyMethod method = type.method(methodIndex);
    TurnThread mine = turnThread();
    Commit before = mine.commitBefore;
    long deadline = mine.deadline;
    @Nullable LimpetException refusal = null;
    @Nullable Commit rest;
    boolean stands = false;
    try {
      commit(changes(mine));
      stands = true;
    } catch (LimpetException e) {
      refusal = e;
    } finally {
      rest = lastCommit();
      leave(mine, stands);
      leaveLock();
    }
    return answer(method, before, rest, deadline, refusal);
  }

  @Override
  public long fail(int methodIndex, Throwable thrown) throws Throwable {
    StickyMethod method = type.method(methodIndex);
    TurnThread mine = turnThread();
    Commit before = mine.commitBefore;
    long deadline = mine.deadline;
    @Nullable LimpetException refusal = null;
    @Nullable Thrown answer = null;
    try {
      answer = declared(method, thrown);
    } catch (LimpetException e) {
      refusal = e;
    } finally {
      leave(mine, false);
      leaveLock();
    }
    long again = answer(method, before, before, deadline, refusal);
    if (again == DONE && answer != null) {
      throw method.exceptions().rebuild(answer);
    }
    return again;
  }

  /** What a stub is told of a turn that has ended; throws the refusal, if there is one. */
  private long answer(
      StickyMethod method,
      @Nullable Commit before,
      @Nullable Commit rest,
      long deadline,
      @Nullable LimpetException refusal) {
    try {
      settle(method, before, rest, deadline);
      if (refusal != null) {
        throw refusal;
      }
      return DONE;
    } catch (OutcomeUnknown e) {
      if (method.reads() || method.idempotent()) {
        return deadline == DONE ? 1 : deadline;
      }
      throw e;
    }
  }

  // The steps that both ways share.

  /**
   * Returns when the answer of a turn that has ended may leave: when all that the process ever handed in is saved. If
   * this turn handed in nothing, lease and ownership are looked at again (rule 14).
   */
  private void settle(
      StickyMethod method, @Nullable Commit before, @Nullable Commit rest, long deadline) {
    if (rest != null && !rest.isSaved()) {
      rest.awaitSaved(deadline);
      return;
    }
    if (rest != before) {
      return;
    }
    if (own.isEnded()) {
      throw new OutcomeUnknown(
          "the home lost the shard while the turn ran; nothing of it was saved");
    }
    Gate gate = own.services().gate();
    if (!gate.stillOpen(System.nanoTime())) {
      String why = "the lease ended while the turn ran: " + gate.whyShut();
      if (method.reads()) {
        throw new Unavailable(ErrorCode.NO_QUORUM, Executed.NO, why);
      }
      throw new OutcomeUnknown(why);
    }
  }

  /** The answer that a declared exception is; throws what the caller is told of any other. */
  private Thrown declared(StickyMethod method, Throwable e) {
    if (method.exceptions().declares(e)) {
      return method.exceptions().describe(e);
    }
    LimpetException refusal = Failures.ofTurn(this, method, e);
    if (Failures.isOwn(refusal)) {
      note(e);
    }
    throw refusal;
  }

  // Exactly once, by key.

  private @Nullable Object turnOnce(Call call, StickyMethod method, long now, String key) {
    KeptResults results = keptResults();
    byte[] digest = method.digest(call.arguments());
    KeptResult known = results.find(key, method.name(), digest);
    if (known != null) {
      return known.thrown() ? known.asThrown() : method.decodeResult(known.payload());
    }
    results.makeRoom(own.services().clock().millis());
    return turn(call, method, now, digest);
  }

  private KeptResults keptResults() {
    Past past = past();
    KeptResults results = past.kept;
    if (results == null) {
      results = new KeptResults(type.options().keysMax(), type.options().keysKept().toMillis());
      past.kept = results;
    }
    return results;
  }

  private void keep(String key, KeptResult answer, List<Store.Change> changes) {
    KeptResults results = keptResults();
    List<Store.Change> all = new ArrayList<>(changes);
    results.describe(id, key, answer, all);
    commit(all);
    results.keep(key, answer);
  }

  // Saving.

  private void commit(List<Store.Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    Commit commit = new Commit(changes);
    requireFits(commit.bytes());
    if (!own.offer(commit)) {
      throw new OutcomeUnknown(
          "the home lost the shard while the turn ran; nothing of it was saved");
    }
    past().lastCommit = commit;
  }

  private void requireFits(int bytes) {
    int max = own.services().store().commitBytesMax();
    if (bytes > max) {
      CellMisused e =
          new CellMisused(
              ErrorCode.STATE_TOO_LARGE,
              "the turn of "
                  + id
                  + " changed "
                  + bytes
                  + " bytes of state; at most "
                  + max
                  + " go into one commit. Change less in one turn, or split the process by key");
      note(e);
      throw e;
    }
  }
}
