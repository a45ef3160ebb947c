package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.HomeShard.Action;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.engine.Store;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All shards as this node holds them: feeds each {@link HomeShard} with what happens, and carries out what it says.
 * Thread-safe; events are taken one at a time.
 */
public final class LocalShards implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LocalShards.class.getName());

  /** How long a shard that is about to move waits for its turns to end before it goes on serving for a while. */
  private static final long QUIET_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How long it then waits for its commits, before it does the same. */
  private static final long SAVED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int COMMIT_LANES = 1;

  private final Services services;
  private final Signal changes;
  private final Consumer<List<Released>> release;
  private final Carrier carrier;
  private final MoveWatch watch;
  private final MemoryArrivals arrivals = new MemoryArrivals();
  private final AtomicLong images = new AtomicLong();
  private final Committer committer;

  // Guarded by this, except that anyone may read the array and the volatile fields in it.
  private volatile Slot[] slots = new Slot[0];
  private long registration;
  private final Map<Integer, Released> releasing = new HashMap<>();
  private final List<Claim> claimsWaiting = new ArrayList<>();
  private boolean claimsUnderWay;
  private boolean claimRetryPlanned;

  private static final class Slot {
    final HomeShard machine;
    @Nullable ShardHome placed;
    ClaimReply.@Nullable Granted granted;
    volatile Tenure tenure = new Tenure.Away();
    volatile @Nullable Ownership own;

    Slot(HomeShard machine) {
      this.machine = machine;
    }
  }

  /** Brings the memory of a shard's processes to the node that it is about to move to. */
  @FunctionalInterface
  public interface Carrier {
    /** Waits until the target has all of it; false if that does not come about in time. */
    boolean carry(int shard, ShardHome.Move move, long image, byte[] memories, long untilNanos)
        throws InterruptedException;
  }

  /**
   * No shards yet.
   *
   * @param changes raised whenever a waiting call should look again
   * @param release proposes to the ledger that these shards were renounced; may be called again for the same
   */
  public LocalShards(
      Services services,
      Signal changes,
      Consumer<List<Released>> release,
      Carrier carrier,
      MoveWatch watch) {
    this.services = services;
    this.changes = changes;
    this.release = release;
    this.carrier = carrier;
    this.watch = watch;
    this.committer = new Committer(services.store(), COMMIT_LANES, this::fenced);
  }

  // Calls.

  /** What a shard is to this node. */
  public Tenure tenure(int shard) {
    Slot[] all = slots;
    return shard < all.length ? all[shard].tenure : new Tenure.Away();
  }

  /** Whether a shard is served here now, so that {@link #run} is worth trying. */
  public boolean serves(int shard) {
    Slot[] all = slots;
    return shard < all.length && all[shard].own != null;
  }

  /**
   * Runs a call's turn on this node.
   *
   * @return the result, or {@link dev.limpet.values.Thrown}
   * @throws Bounced if the process is not to be found here
   */
  public Answer run(Call call) {
    Slot[] all = slots;
    Ownership own = call.shard() < all.length ? all[call.shard()].own : null;
    if (own == null) {
      throw new Bounced();
    }
    return new Answer(own.run(call), own.epoch());
  }

  /** The process itself, for calls that go the short way; null if it is not in memory here. */
  public @Nullable Near near(int shard, ProcessId id) {
    Slot[] all = slots;
    Ownership own = shard < all.length ? all[shard].own : null;
    return own == null ? null : own.find(id);
  }

  /** A turn's result, and the epoch it was given under. */
  public record Answer(@Nullable Object value, long epoch) {}

  /** Takes a piece of the memory of a shard that is about to come here; false if it is of no use. */
  public boolean take(MemoryArrivals.Piece piece) {
    boolean taken = arrivals.take(piece);
    if (taken && piece.last()) {
      watch.at(piece.shard(), MoveWatch.Step.ARRIVED);
    }
    return taken;
  }

  // Events.

  /** A newer view; {@code registration} is this node's, or 0 while it is no member. */
  public synchronized void placed(Placement view, long newRegistration) {
    if (slots.length < view.shards().size()) {
      Slot[] grown = new Slot[view.shards().size()];
      for (int s = 0; s < grown.length; s++) {
        grown[s] = new Slot(new HomeShard(s, QUIET_WITHIN_NANOS));
      }
      slots = grown;
    }
    registration = newRegistration;
    long now = System.nanoTime();
    Todo todo = new Todo();
    for (int s = 0; s < slots.length; s++) {
      slots[s].placed = view.shards().get(s);
      todo.add(slots[s], slots[s].machine.placed(view.shards().get(s), newRegistration, now));
    }
    arrivals.placed(view, newRegistration);
    releasing.keySet().removeIf(s -> !(slots[s].machine.tenure() instanceof Tenure.Renounced));
    todo.carryOut();
  }

  /** This node is no member any more: everything is dropped at once, without waiting for a view. */
  public synchronized void dropAll() {
    registration = 0;
    for (Slot slot : slots) {
      Ownership own = slot.own;
      if (own != null) {
        own.end();
      }
    }
    Slot[] fresh = new Slot[slots.length];
    for (int s = 0; s < fresh.length; s++) {
      fresh[s] = new Slot(new HomeShard(s, QUIET_WITHIN_NANOS));
    }
    slots = fresh;
    releasing.clear();
    claimsWaiting.clear();
    arrivals.clear();
    changes.raise();
  }

  /** Time has passed; called every few dozen milliseconds. */
  public synchronized void tick(Placement view) {
    long now = System.nanoTime();
    Todo todo = new Todo();
    for (Slot slot : slots) {
      todo.add(slot, slot.machine.tick(now));
      if (slot.machine.tenure() instanceof Tenure.Open
          && slot.machine.shard() < view.shards().size()) {
        // A freeze that was given up is tried again, once it has rested.
        todo.add(
            slot, slot.machine.placed(view.shards().get(slot.machine.shard()), registration, now));
      }
    }
    todo.releases.addAll(releasing.values());
    todo.carryOut();
  }

  private synchronized void claimed(List<Claim> claims, List<ClaimReply> replies) {
    Todo todo = new Todo();
    for (int i = 0; i < claims.size(); i++) {
      Claim c = claims.get(i);
      Slot slot = slots[c.shard()];
      if (c.owner() != registration) {
        continue;
      }
      switch (replies.get(i)) {
        case ClaimReply.Granted g -> {
          slot.granted = g;
          todo.add(slot, slot.machine.granted(c.epoch(), c.number(), g.index()));
        }
        case ClaimReply.Refused r ->
            todo.add(slot, slot.machine.refused(c.epoch(), c.number(), r.epoch(), r.number()));
      }
    }
    todo.carryOut();
  }

  private synchronized void turnsOver(Ownership own, Tenure frozen) {
    Slot slot = slots[own.shard()];
    if (slot.own == own && slot.machine.tenure() == frozen) {
      slot.machine.turnsOver();
    }
  }

  private synchronized void quiet(Ownership own, Tenure frozen, long image) {
    Slot slot = slots[own.shard()];
    // Of this freeze and no later one: between the two it was thawed, and turns began.
    if (slot.own == own && slot.machine.tenure() == frozen) {
      Todo todo = new Todo();
      todo.add(slot, slot.machine.quiet(image));
      todo.carryOut();
    }
  }

  private synchronized void giveUp(Ownership own, Tenure frozen) {
    Slot slot = slots[own.shard()];
    if (slot.own == own && slot.machine.tenure() == frozen) {
      Todo todo = new Todo();
      todo.add(slot, slot.machine.giveUp(System.nanoTime()));
      todo.carryOut();
    }
  }

  private synchronized void fenced(Ownership own) {
    Slot slot = slots[own.shard()];
    if (slot.own == own) {
      Todo todo = new Todo();
      todo.add(slot, slot.machine.unsettled(own.epoch(), own.claim()));
      todo.carryOut();
    }
  }

  /** The actions of one event, gathered so that claims and releases of many shards go together. */
  private final class Todo {
    final List<Claim> claims = new ArrayList<>();
    final List<Released> releases = new ArrayList<>();
    boolean changed;

    void add(Slot slot, List<Action> actions) {
      for (Action action : actions) {
        changed = true;
        switch (action) {
          case Action.Claim c ->
              claims.add(new Claim(slot.machine.shard(), c.epoch(), c.number(), registration));
          case Action.Serve ignored -> serve(slot);
          case Action.Freeze ignored -> freeze(slot);
          case Action.Release r -> {
            Released released = new Released(slot.machine.shard(), r.move(), r.image());
            releasing.put(slot.machine.shard(), released);
            releases.add(released);
          }
          case Action.Drop ignored -> drop(slot);
        }
      }
      slot.tenure = slot.machine.tenure();
    }

    void carryOut() {
      if (!claims.isEmpty()) {
        claim(claims);
      }
      if (!releases.isEmpty()) {
        release.accept(releases);
      }
      if (changed) {
        changes.raise();
      }
    }
  }

  private void serve(Slot slot) {
    Ownership own = slot.own;
    if (own != null && own.epoch() == slot.machine.tenure().epoch()) {
      own.thaw();
    } else if (slot.machine.tenure() instanceof Tenure.Open t) {
      Ownership opened =
          new Ownership(
              slot.machine.shard(), t.epoch(), t.claim(), t.readFrom(), services, committer);
      arrive(slot, opened);
      slot.own = opened;
      watch.at(opened.shard(), MoveWatch.Step.OPENED);
    }
  }

  /** Gives a shard that has come here the memory that was sent ahead, before the first turn. */
  private void arrive(Slot slot, Ownership opened) {
    ShardHome placed = slot.placed;
    ClaimReply.Granted granted = slot.granted;
    long image = placed == null || placed.epoch() != opened.epoch() ? 0 : placed.image();
    if (granted != null) {
      Memories memories =
          arrivals.claim(opened.shard(), image, granted.isUntouched() ? granted.former() : null);
      if (memories != null) {
        opened.arrive(memories);
      }
    }
  }

  private static void drop(Slot slot) {
    Ownership own = slot.own;
    slot.own = null;
    if (own != null) {
      own.end();
    }
  }

  private void freeze(Slot slot) {
    Ownership own = slot.own;
    if (own == null) {
      return;
    }
    own.freeze();
    Tenure frozen = slot.machine.tenure();
    ShardHome.Move move = slot.placed == null ? null : slot.placed.move();
    if (move == null) {
      return;
    }
    long until = System.nanoTime() + QUIET_WITHIN_NANOS;
    Thread.ofVirtual()
        .name("limpet-quiet-" + own.shard())
        .start(() -> {
          try {
            watch.at(own.shard(), MoveWatch.Step.FROZEN);
            if (own.awaitTurnsOver(until)) {
              turnsOver(own, frozen);
              if (own.awaitSaved(until + SAVED_WITHIN_NANOS)) {
                carry(own, frozen, move, until + SAVED_WITHIN_NANOS);
              }
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** The shard is quiet: its memory goes ahead, and then it is given up. */
  private void carry(Ownership own, Tenure frozen, ShardHome.Move move, long until)
      throws InterruptedException {
    watch.at(own.shard(), MoveWatch.Step.SAVED);
    Memories memories = own.memories(until);
    long image = memories == null || memories.isEmpty() ? 0 : images.incrementAndGet();
    if (memories != null
        && (image == 0 || carrier.carry(own.shard(), move, image, memories.encode(), until))) {
      watch.at(own.shard(), MoveWatch.Step.CARRIED);
      quiet(own, frozen, image);
      watch.at(own.shard(), MoveWatch.Step.RENOUNCED);
    } else {
      giveUp(own, frozen);
    }
  }

  /** Sends claims; those that come while some are under way go together in the next entry. */
  private void claim(List<Claim> claims) {
    claims.forEach(c -> watch.at(c.shard(), MoveWatch.Step.CLAIMING));
    claimsWaiting.addAll(claims);
    if (claimsUnderWay || claimsWaiting.isEmpty()) {
      return;
    }
    List<Claim> some =
        List.copyOf(claimsWaiting.subList(0, Math.min(claimsWaiting.size(), Store.CLAIMS_MAX)));
    claimsWaiting.subList(0, some.size()).clear();
    claimsUnderWay = true;
    Async.whenDone(
        services.store().claim(some), (replies, failure) -> claimsAnswered(some, replies, failure));
  }

  private synchronized void claimsAnswered(
      List<Claim> some, @Nullable List<ClaimReply> replies, @Nullable Throwable failure) {
    claimsUnderWay = false;
    if (replies != null) {
      claimed(some, replies);
    } else {
      LOG.log(Level.DEBUG, "claims of " + some.size() + " shards brought no answer", failure);
      retryClaims();
    }
    claim(List.of());
  }

  private synchronized void retryClaims() {
    if (!claimRetryPlanned) {
      claimRetryPlanned = true;
      Thread.ofVirtual().name("limpet-claims").start(this::claimAgain);
    }
  }

  private void claimAgain() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      claimRetryPlanned = false;
      List<Claim> claims = new ArrayList<>();
      for (Slot slot : slots) {
        if (slot.machine.tenure() instanceof Tenure.Claiming t && registration != 0) {
          claims.add(new Claim(slot.machine.shard(), t.epoch(), t.claim(), registration));
        }
      }
      if (!claims.isEmpty()) {
        claim(claims);
      }
    }
  }

  // Passivation and reports.

  /** Ends idle processes; returns how many. */
  public int passivate() {
    long now = services.idleMillis(System.nanoTime());
    int ended = 0;
    for (Slot slot : slots) {
      Ownership own = slot.own;
      if (own != null) {
        ended += own.passivate(now);
      }
    }
    return ended;
  }

  /** How many shards are in each state of a tenure, by its word. */
  public Map<String, Integer> tenures() {
    Map<String, Integer> counts = new HashMap<>();
    for (Slot slot : slots) {
      counts.merge(slot.tenure.word(), 1, Integer::sum);
    }
    return counts;
  }

  /** How many processes are in memory. */
  public int liveCount() {
    int sum = 0;
    for (Slot slot : slots) {
      Ownership own = slot.own;
      sum += own == null ? 0 : own.live().size();
    }
    return sum;
  }

  /** Some of the live processes. */
  public List<Report> live(@Nullable String type, int limit) {
    List<Report> found = new ArrayList<>();
    for (Slot slot : slots) {
      Ownership own = slot.own;
      if (own == null) {
        continue;
      }
      for (Activation a : own.live()) {
        if (found.size() >= limit) {
          return found;
        }
        if (type == null || a.type().name().equals(type)) {
          found.add(report(own, a, false));
        }
      }
    }
    return found;
  }

  /** A live process, with its cells; null if it is not in memory here. */
  public @Nullable Report find(int shard, ProcessId id) {
    Slot[] all = slots;
    Ownership own = shard < all.length ? all[shard].own : null;
    Activation a = own == null ? null : own.find(id);
    return own == null || a == null ? null : report(own, a, true);
  }

  private Report report(Ownership own, Activation a, boolean cells) {
    LiveCopy.Snapshot s = cells ? a.snapshot() : new LiveCopy.Snapshot(true, 0, Map.of());
    return new Report(
        a.id(),
        own.shard(),
        own.epoch(),
        s.live(),
        a.waiting(),
        Math.max(0, services.idleMillis(System.nanoTime()) - a.usedAtMillis()),
        s.turns(),
        a.lastFailure(),
        s.cells());
  }

  /** One process in memory. */
  public record Report(
      ProcessId id,
      int shard,
      long epoch,
      boolean live,
      int waiting,
      long idleMillis,
      long turns,
      @Nullable String lastFailure,
      Map<String, String> cells) {}

  @Override
  public void close() {
    dropAll();
    committer.close();
  }
}
