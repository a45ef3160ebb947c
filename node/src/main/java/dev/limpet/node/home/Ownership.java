package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.home.CommitLane;
import dev.limpet.core.home.CommitLane.Answer;
import dev.limpet.core.home.CommitLane.Batch;
import dev.limpet.core.home.CommitLane.Settled;
import dev.limpet.core.supervise.TurnWatch.Running;
import dev.limpet.engine.Store;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One shard under one claim: its live processes and the commits they hand in. Made when the store granted the claim,
 * ended for good when the shard is lost, moves away, or must be claimed again. Thread-safe.
 */
final class Ownership {
  private static final AtomicLong COPIES = new AtomicLong();

  private final int shard;
  private final int rows;
  private final long epoch;
  private final long claim;
  private final Services services;
  private final Committer committer;
  private final ConcurrentHashMap<ProcessId, Activation> live = new ConcurrentHashMap<>();

  /** Memory that came along in a move, of processes that were not called here yet. */
  private final Map<ProcessId, Arrived> arrived = new ConcurrentHashMap<>();

  private record Arrived(Memories.Memory memory, long untilMillis) {}

  /** Turns that were let in although the shard is about to move. */
  private final AtomicInteger lateTurns = new AtomicInteger();

  // Guarded by the lane itself.
  private final CommitLane<Commit> lane = new CommitLane<>();

  private volatile long readFrom;
  private volatile boolean freezing;
  private volatile boolean ended;

  /** Processes that are in another shard now: pinned, or taken in. */
  private volatile Set<ProcessId> away;

  /** Processes that are being taken out. */
  private final AtomicInteger leaving = new AtomicInteger();

  /**
   * Just claimed.
   *
   * @param rows the shard that its processes are saved under: another one if this is a pin's
   * @param away the processes that are not to be served here
   */
  Ownership(
      int shard,
      int rows,
      long epoch,
      long claim,
      long readFrom,
      Set<ProcessId> away,
      Services services,
      Committer committer) {
    this.shard = shard;
    this.rows = rows;
    this.away = away;
    this.epoch = epoch;
    this.claim = claim;
    this.readFrom = readFrom;
    this.services = services;
    this.committer = committer;
  }

  int shard() {
    return shard;
  }

  /** The shard that its processes are saved under. */
  int rows() {
    return rows;
  }

  long epoch() {
    return epoch;
  }

  long claim() {
    return claim;
  }

  /** The store index that a load must at least contain: the claim's, or the last commit's. */
  long readFrom() {
    return readFrom;
  }

  Services services() {
    return services;
  }

  boolean isEnded() {
    return ended;
  }

  /** Whether any turn may begin here: not ended, and not about to move. */
  boolean isOpen() {
    return !ended && !freezing;
  }

  /** A number for a copy of a process, of which no other copy in this JVM has one. */
  long nextCopy() {
    return COPIES.incrementAndGet();
  }

  /** Runs a call's turn; see {@link Activation#run}. */
  @Nullable Object run(Call call) {
    if (call.epoch() != 0 && call.epoch() != epoch) {
      throw new Bounced();
    }
    while (!ended) {
      Activation found = live.get(call.id());
      if (found == null) {
        if (freezing && !inRunningTurn(call.chain())) {
          throw new Bounced();
        }
        // The look is under the lock of the table: who takes a process out sees all copies made
        // before.
        found =
            live.computeIfAbsent(
                call.id(),
                id ->
                    away.contains(id)
                        ? null
                        : new Activation(id, call.type(), this, call.deadlineNanos()));
        if (found == null) {
          throw new Bounced();
        }
      }
      try {
        return found.run(call);
      } catch (Bounced b) {
        if (!found.isGone()) {
          throw b;
        }
        // Passivated between the look and the lock: look again, for a new one.
        live.remove(call.id(), found);
      }
    }
    throw new Bounced();
  }

  // Moving.

  /** Lets no turn begin but those of chains that hold one here already (rule 16). */
  void freeze() {
    freezing = true;
  }

  void thaw() {
    freezing = false;
  }

  /** Called under a process's turn lock, before its turn begins; true if {@link #lateTurnEnds} must follow. */
  boolean admit(@Nullable Chain chain) {
    if (!freezing) {
      return false;
    }
    // Counted before it is looked at: whoever sees no late turn after all others ended knows that
    // none can begin.
    lateTurns.incrementAndGet();
    if (inRunningTurn(chain)) {
      return true;
    }
    lateTurns.decrementAndGet();
    throw new Bounced();
  }

  void lateTurnEnds() {
    lateTurns.decrementAndGet();
  }

  private boolean inRunningTurn(@Nullable Chain chain) {
    for (Chain c = chain; c != null; c = c.before()) {
      Activation holder = live.get(c.process());
      if (holder != null && holder.runs(c.turn())) {
        return true;
      }
    }
    return false;
  }

  /** Waits until no turn runs; false if that does not come about in time. */
  boolean awaitTurnsOver(long untilNanos) throws InterruptedException {
    for (Activation a : live.values()) {
      if (!a.sawIdle(untilNanos)) {
        return false;
      }
    }
    // Written, not only read: who lets a late turn in after this sees that all turns seen above are
    // over.
    return lateTurns.getAndAdd(0) == 0 && leaving.get() == 0;
  }

  /** Waits until no commit is under way; false if that does not come about in time. */
  boolean awaitSaved(long untilNanos) throws InterruptedException {
    synchronized (lane) {
      while (!lane.quiet()) {
        long left = untilNanos - System.nanoTime();
        if (left <= 0 || ended) {
          return false;
        }
        lane.wait(left / 1_000_000 + 1);
      }
    }
    return true;
  }

  /** How many processes would have to move along, or begin anew. */
  int inMemory() {
    return live.size() + arrived.size();
  }

  /** The memory that came along with the shard; before the first turn. */
  void arrive(Memories memories, Set<ProcessId> awaited) {
    long now = services.idleMillis(System.nanoTime());
    for (Memories.Memory m : memories.all()) {
      if (!away.contains(m.id()) || awaited.contains(m.id())) {
        arrived.put(m.id(), new Arrived(m, now + m.leftMillis()));
      }
    }
  }

  // Pins.

  /** Names the processes that are not to be served here; those that are not named any more may be. */
  void away(Set<ProcessId> now) {
    away = now;
  }

  /** A process comes in out of its pin: its memory, and what a load must at least contain. */
  void takeIn(Memories.@Nullable Memory memory, long index) {
    synchronized (lane) {
      readFrom = Math.max(readFrom, index);
    }
    if (memory != null) {
      long now = services.idleMillis(System.nanoTime());
      arrived.put(memory.id(), new Arrived(memory, now + memory.leftMillis()));
    }
  }

  /** A process that is being taken out. */
  final class Leaver {
    private final ProcessId id;
    private final @Nullable Activation copy;

    private Leaver(ProcessId id, @Nullable Activation copy) {
      this.id = id;
      this.copy = copy;
    }

    /** What lived in memory, after its last turn here. */
    Memories.@Nullable Memory await() throws InterruptedException {
      Memories.@Nullable Memory memory = copy == null ? null : copy.takeOut();
      // Only now: a copy that was being made takes what came along at its first turn.
      Arrived left = arrived.remove(id);
      if (memory != null || left == null) {
        return memory;
      }
      long now = services.idleMillis(System.nanoTime());
      return new Memories.Memory(id, Math.max(0, left.untilMillis - now), left.memory.cells());
    }
  }

  /**
   * Takes a process out that is {@link #away}: nobody finds it here any more. Null if it is not in memory; else
   * {@link #hasLeft} must follow, and until then the shard does not move.
   */
  @Nullable Leaver takeOut(ProcessId id) {
    // Counted before it is gone from the table: whoever waits for the turns sees it in one of the
    // two.
    leaving.incrementAndGet();
    Activation copy = live.remove(id);
    if (copy == null && !arrived.containsKey(id)) {
      leaving.decrementAndGet();
      return null;
    }
    if (copy != null) {
      copy.closeDoor();
    }
    return new Leaver(id, copy);
  }

  void hasLeft() {
    leaving.decrementAndGet();
  }

  Memories.@Nullable Memory memoryOf(ProcessId id) {
    Arrived found = arrived.get(id);
    return found == null ? null : found.memory;
  }

  /** The process has taken its memory. */
  void memoryArrived(ProcessId id) {
    arrived.remove(id);
  }

  /** All memory there is, of a shard that is frozen and saved; null if a turn keeps it from being seen. */
  @Nullable Memories memories(long untilNanos) throws InterruptedException {
    List<Memories.Memory> all = new ArrayList<>();
    for (Activation a : live.values()) {
      if (!a.sawIdle(untilNanos)) {
        return null;
      }
      Memories.Memory memory = a.memory(untilNanos);
      if (memory != null) {
        all.add(memory);
      }
    }
    long now = services.idleMillis(System.nanoTime());
    arrived.forEach((id, m) ->
        all.add(new Memories.Memory(id, Math.max(0, m.untilMillis - now), m.memory.cells())));
    long sequence;
    synchronized (lane) {
      if (!lane.quiet() || ended) {
        return null;
      }
      sequence = lane.lastSequence();
    }
    return new Memories(new Fence.Former(epoch, claim, sequence), all);
  }

  // Commits.

  /** Takes a turn's changes, under that process's turn lock; false if the shard is lost. */
  boolean offer(Commit commit) {
    synchronized (lane) {
      if (ended) {
        return false;
      }
      lane.offer(commit);
    }
    committer.ready(this);
    return true;
  }

  /** The next part for the store, if none is under way and the first commit that waits fits into it. */
  Store.@Nullable Part nextPart(int bytesMax) {
    synchronized (lane) {
      Commit first = lane.first();
      boolean fits = first != null && first.bytes() <= bytesMax;
      Batch<Commit> batch = ended || !fits ? null : lane.next(Commit::bytes, bytesMax);
      return batch == null ? null : part(batch);
    }
  }

  /** Whether a commit waits and could be taken now. */
  boolean waits() {
    synchronized (lane) {
      return !ended && !lane.isUnderWay() && lane.first() != null;
    }
  }

  /** The part under way brought no answer; the same again, unless the shard is lost. */
  Store.@Nullable Part partAgain() {
    synchronized (lane) {
      Batch<Commit> batch = ended ? null : lane.unanswered();
      return batch == null ? null : part(batch);
    }
  }

  private Store.Part part(Batch<Commit> batch) {
    List<Store.Change> changes = new ArrayList<>();
    batch.commits().forEach(c -> changes.addAll(c.changes()));
    boolean ends = batch.commits().stream().anyMatch(Commit::ends);
    return new Store.Part(shard, epoch, claim, batch.sequence(), changes, ends);
  }

  /** The part under way was answered; true if more waits. */
  boolean answered(Store.PartReply reply, long index) {
    List<Settled<Commit>> settled = new ArrayList<>();
    boolean more;
    synchronized (lane) {
      if (!lane.isUnderWay()) {
        return false;
      }
      if (reply == Store.PartReply.FENCED) {
        // The way to the store may deliver one sending twice, so a fence never proves that nothing
        // was saved.
        Batch<Commit> ignored = lane.unanswered();
      }
      readFrom = Math.max(readFrom, index);
      settled.add(lane.answered(Answer.valueOf(reply.name())));
      if (reply == Store.PartReply.FENCED || reply == Store.PartReply.GAP) {
        // At once, not only when the shards hear of it: a turn in between must find no lane to use.
        ended = true;
        settled.addAll(lane.close());
      }
      more = lane.waiting() > 0;
      lane.notifyAll();
    }
    if (ended) {
      dropAll();
    }
    settle(settled);
    return more;
  }

  /** Ends it for good: the processes are forgotten, and what was not saved is told so. */
  void end() {
    List<Settled<Commit>> settled;
    synchronized (lane) {
      ended = true;
      settled = lane.close();
      lane.notifyAll();
    }
    dropAll();
    settle(settled);
  }

  private void dropAll() {
    live.values().forEach(Activation::lose);
    live.clear();
    arrived.clear();
  }

  private static void settle(List<Settled<Commit>> settled) {
    for (Settled<Commit> s : settled) {
      s.commits().forEach(c -> c.settle(s.fate()));
    }
  }

  // Processes.

  /** That copy is over; the next call makes another. */
  void forget(ProcessId id, LiveCopy copy) {
    live.remove(id, copy);
  }

  /** Ends the copies that were idle for as long as their type says, and shows the others; returns how many ended. */
  int passivate(long nowMillis, MemoryBounds bounds) {
    int ended = 0;
    arrived.values().removeIf(m -> nowMillis - m.untilMillis >= 0);
    for (Activation a : live.values()) {
      if (end(a, nowMillis - a.type().options().idleAfter().toMillis())) {
        ended++;
      } else {
        bounds.sees(a);
      }
    }
    return ended;
  }

  /** Ends a copy, unless it was used since then or is in use; returns whether it is over. */
  boolean end(Activation copy, long idleSinceMillis) {
    return copy.passivate(idleSinceMillis) && live.remove(copy.id(), copy);
  }

  /** Adds the turns that run now. */
  void addRunning(List<Running<Activation>> all) {
    for (Activation a : live.values()) {
      long turn = a.runningTurn();
      if (turn != 0) {
        all.add(new Running<>(a, turn, a.type().options().turnsReportedAfter().toNanos()));
      }
    }
  }

  Collection<Activation> live() {
    return live.values();
  }

  @Nullable Activation find(ProcessId id) {
    return live.get(id);
  }
}
