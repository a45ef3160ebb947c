package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.HomeShard.Action;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardCosts;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.core.supervise.TurnWatch.Running;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.values.NearProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All shards as this node holds them: feeds each {@link HomeShard} with what happens, and carries out what it says.
 * Thread-safe; events are taken one at a time.
 */
public final class LocalShards implements AutoCloseable {
  /** How long a shard whose turns have ended waits for its commits, before it goes on serving for a while. */
  private static final long SAVED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int COMMIT_LANES = 1;

  private final Services services;
  private final Signal changes;
  private final Consumer<List<Released>> release;
  private final Consumer<Command.TakeIn> takeIn;
  private final Carrier carrier;
  private final MoveWatch watch;
  private final MemoryArrivals arrivals = new MemoryArrivals();
  private final AtomicLong images = new AtomicLong();
  private final Claims claims;
  private final PinHandover pinHandover;
  private final Committer committer;
  private final MemoryBounds bounds = new MemoryBounds(); // guarded by itself
  private final StuckTurns stuck = new StuckTurns();

  // Guarded by this, except that anyone may read the table and the volatile fields in its slots.
  private final SlotTable slots = new SlotTable();

  private final PinnedProcesses pinned = new PinnedProcesses();

  private long registration;
  private final Map<Integer, Released> releasing = new HashMap<>();

  /**
   * No shards yet.
   *
   * @param changes raised whenever a waiting call should look again
   * @param release proposes to the ledger that these shards were renounced; may be called again for the same
   * @param takeIn proposes to the ledger that a pin has ended here; may be called again for the same
   */
  public LocalShards(
      Services services,
      Signal changes,
      Consumer<List<Released>> release,
      Consumer<Command.TakeIn> takeIn,
      Carrier carrier,
      MoveWatch watch) {
    this.services = services;
    this.changes = changes;
    this.release = release;
    this.takeIn = takeIn;
    this.carrier = carrier;
    this.watch = watch;
    this.pinHandover = new PinHandover(watch);
    this.claims = new Claims(services.store(), watch, this::openClaims, this::claimed);
    this.committer = new Committer(services.store(), COMMIT_LANES, this::fenced);
  }

  // Calls.

  private @Nullable Ownership own(int shard) {
    Slot slot = slots.get(shard);
    return slot == null ? null : slot.own;
  }

  /** What a shard is to this node. */
  public Tenure tenure(int shard) {
    Slot slot = slots.get(shard);
    return slot == null ? new Tenure.Away() : slot.tenure;
  }

  /** Whether a shard is served here now, so that {@link #run} is worth trying. */
  public boolean serves(int shard) {
    return own(shard) != null;
  }

  /**
   * Runs a call's turn on this node.
   *
   * @return the result, or {@link dev.limpet.values.Thrown}
   * @throws Bounced if the process is not to be found here
   */
  public Answer run(Call call) {
    Ownership own = own(call.shard());
    if (own == null) {
      throw new Bounced();
    }
    return new Answer(own.run(call), own.epoch());
  }

  /** The process itself, for calls that go the short way; null if it is not in memory here. */
  public @Nullable NearProcess near(int shard, ProcessId id) {
    Ownership own = own(shard);
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

  /** A newer view; {@code registration} is this node's, or 0 while it is no member. */
  public synchronized void placed(Placement view, long newRegistration) {
    slots.grow(view.hashedNumbers());
    registration = newRegistration;
    long now = System.nanoTime();
    Todo todo = new Todo();
    placedPins(view);
    for (Slot slot : slots.hashed()) {
      ShardHome at = view.at(slot.shard());
      if (at != null) {
        slot.placed = at;
        todo.add(slot, slot.machine.placed(at, newRegistration, now));
      }
    }
    for (Pin pin : view.pins().all()) {
      Slot slot = slots.get(pin.number());
      if (slot == null && pin.at().home() == newRegistration && newRegistration != 0) {
        slot = slots.addPin(pin.number());
      }
      if (slot != null) {
        slot.pin = pin;
        slot.placed = pin.at();
        todo.add(slot, slot.machine.placed(pin.at(), newRegistration, now));
        if (slot.machine.tenure() instanceof Tenure.Away) {
          slots.removePin(pin.number());
        }
      }
    }
    slots.pins().forEach(slot -> goOn(slot, todo));
    slots.pins().forEach(this::endPin);
    arrivals.placed(view, newRegistration);
    releasing.keySet().removeIf(s -> !(tenure(s) instanceof Tenure.Renounced));
    todo.carryOut();
  }

  // Pins.

  /** Which processes are pinned now; the process of a pin that has ended is in its hashed shard from here on. */
  private void placedPins(Placement view) {
    for (Slot slot : slots.pins()) {
      Pin was = slot.pin;
      if (was == null || view.at(slot.shard()) != null) {
        continue;
      }
      slots.removePin(slot.shard());
      Ownership from = slot.own;
      Ownership into = own(was.hashed());
      if (slot.takeIn != null && from != null && into != null) {
        into.takeIn(slot.between, from.readFrom());
      }
      drop(slot);
    }
    pinned.placed(view);
    for (Slot slot : slots.hashed()) {
      Ownership own = slot.own;
      if (own != null) {
        own.away(pinned.of(slot.shard()));
      }
    }
  }

  /** Before a pin is claimed, its process leaves the hashed shard, if that is here; false if there is nothing to wait for. */
  private boolean leavesHashedShard(Slot slot, long epoch) {
    Pin pin = slot.pin;
    if (slot.leaving) {
      return true;
    }
    slot.awaitsHashed = pin != null && tenure(pin.hashed()) instanceof Tenure.Claiming;
    if (slot.awaitsHashed) {
      return true;
    }
    Ownership from = pin == null ? null : own(pin.hashed());
    if (pin == null || from == null) {
      return false;
    }
    Ownership.Leaver leaver = from.takeOut(pin.id());
    if (leaver == null) {
      return false;
    }
    slot.leaving = true;
    pinHandover.leave(from, pin, leaver, memory -> hasLeft(slot, epoch, memory));
    return true;
  }

  /** A pin that awaited the opening of its hashed shard goes on when that is open, or here no more. */
  private void goOn(Slot slot, Todo todo) {
    if (slot.awaitsHashed) {
      slot.awaitsHashed = false;
      if (slot.machine.tenure() instanceof Tenure.Claiming t
          && !leavesHashedShard(slot, t.epoch())) {
        todo.wanted.add(slot.claim(t.epoch(), t.claim(), registration));
      }
    }
  }

  private synchronized void hasLeft(Slot slot, long epoch, Memories.@Nullable Memory memory) {
    slot.leaving = false;
    if (slots.get(slot.shard()) == slot && slot.machine.tenure() instanceof Tenure.Claiming t) {
      slot.between = t.epoch() == epoch ? memory : null;
      slot.betweenEpoch = epoch;
      claims.send(List.of(slot.claim(t.epoch(), t.claim(), registration)));
    }
  }

  /** An ending pin whose hashed shard is served here as well is ended in the store. */
  private void endPin(Slot slot) {
    Pin pin = slot.pin;
    Ownership own = slot.own;
    if (slot.takeIn != null) {
      takeIn.accept(slot.takeIn);
      return;
    }
    if (pin == null || own == null || slot.ending || !isToEnd(pin, slot)) {
      return;
    }
    slot.ending = true;
    own.away(Set.of(pin.id()));
    pinHandover.end(own, pin, memory -> hasEnded(slot, own, memory));
  }

  private boolean isToEnd(Pin pin, Slot slot) {
    Slot hashed = slots.get(pin.hashed());
    ShardHome at = hashed == null ? null : hashed.placed;
    return pin.ending()
        && pin.at().move() == null
        && slot.machine.tenure() instanceof Tenure.Open
        && hashed != null
        && hashed.machine.tenure() instanceof Tenure.Open t
        && at != null
        && at.move() == null
        && at.home() == registration
        && at.epoch() == t.epoch();
  }

  private synchronized void hasEnded(Slot slot, Ownership own, Memories.@Nullable Memory memory) {
    if (slots.get(slot.shard()) == slot && slot.own == own) {
      slot.between = memory;
      slot.takeIn = new Command.TakeIn(services.node(), registration, slot.shard(), own.epoch());
      takeIn.accept(slot.takeIn);
    }
  }

  /** This node is no member any more: everything is dropped at once, without waiting for a view. */
  public synchronized void dropAll() {
    registration = 0;
    for (Slot slot : slots.all()) {
      Ownership own = slot.own;
      if (own != null) {
        own.end();
      }
    }
    slots.reset();
    releasing.clear();
    claims.clear();
    arrivals.clear();
    changes.raise();
  }

  /** Time has passed; called every few dozen milliseconds. */
  public synchronized void tick(Placement view) {
    long now = System.nanoTime();
    Todo todo = new Todo();
    for (Slot slot : slots.all()) {
      todo.add(slot, slot.machine.tick(now));
      ShardHome at = view.at(slot.shard());
      if (slot.machine.tenure() instanceof Tenure.Open && at != null) {
        // A freeze that was given up is tried again, once it has rested.
        todo.add(slot, slot.machine.placed(at, registration, now));
      }
    }
    slots.pins().forEach(slot -> goOn(slot, todo));
    slots.pins().forEach(this::endPin);
    todo.releases.addAll(releasing.values());
    todo.carryOut();
  }

  private synchronized void claimed(List<Claim> some, List<ClaimReply> replies) {
    Todo todo = new Todo();
    for (int i = 0; i < some.size(); i++) {
      Claim c = some.get(i);
      Slot slot = slots.get(c.shard());
      if (slot == null || c.owner() != registration) {
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
      endPin(slot);
    }
    slots.pins().forEach(slot -> goOn(slot, todo));
    todo.carryOut();
  }

  /** An event of this freeze and no later one: between the two it was thawed, and turns began. */
  private void ofFreeze(Ownership own, Tenure frozen, Function<HomeShard, List<Action>> event) {
    event(own, machine -> machine.tenure() == frozen ? event.apply(machine) : List.of());
  }

  private void fenced(Ownership own) {
    event(own, machine -> machine.unsettled(own.epoch(), own.claim()));
  }

  private synchronized void event(Ownership own, Function<HomeShard, List<Action>> event) {
    Slot slot = slots.get(own.shard());
    if (slot != null && slot.own == own) {
      Todo todo = new Todo();
      todo.add(slot, event.apply(slot.machine));
      todo.carryOut();
    }
  }

  /** The actions of one event, gathered so that claims and releases of many shards go together. */
  private final class Todo {
    final List<Claim> wanted = new ArrayList<>();
    final List<Released> releases = new ArrayList<>();
    boolean changed;

    void add(Slot slot, List<Action> actions) {
      for (Action action : actions) {
        changed = true;
        switch (action) {
          case Action.Claim c -> {
            if (!leavesHashedShard(slot, c.epoch())) {
              wanted.add(slot.claim(c.epoch(), c.number(), registration));
            }
          }
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
      if (!wanted.isEmpty()) {
        claims.send(wanted);
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
              slot.shard(),
              slot.rows(),
              t.epoch(),
              t.claim(),
              t.readFrom(),
              slot.pin == null ? pinned.of(slot.shard()) : Set.of(),
              services,
              committer);
      arrive(slot, opened);
      slot.own = opened;
      watch.at(opened.shard(), MoveWatch.Step.OPENED);
    }
  }

  /** Gives a shard that has come here the memory that was sent ahead, before the first turn. */
  private void arrive(Slot slot, Ownership opened) {
    if (slot.between != null && slot.betweenEpoch == opened.epoch()) {
      opened.takeIn(slot.between, 0);
    }
    slot.between = null;
    ShardHome placed = slot.placed;
    ClaimReply.Granted granted = slot.granted;
    long image = placed == null || placed.epoch() != opened.epoch() ? 0 : placed.image();
    if (granted != null) {
      Memories memories =
          arrivals.claim(opened.shard(), image, granted.isUntouched() ? granted.former() : null);
      if (memories != null) {
        opened.arrive(memories, PinnedProcesses.awaited(opened.shard(), slots.pins()));
      }
    }
  }

  private static void drop(Slot slot) {
    Ownership own = slot.own;
    slot.own = null;
    slot.forgetHandover();
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
    // Numbered here, in the order of the freezes: of two images of a move the target keeps the
    // later.
    long image = images.incrementAndGet();
    long until = System.nanoTime() + SlotTable.QUIET_WITHIN_NANOS;
    Thread.ofVirtual()
        .name("limpet-quiet-" + own.shard())
        .start(() -> {
          try {
            watch.at(own.shard(), MoveWatch.Step.FROZEN);
            if (own.awaitTurnsOver(until)) {
              ofFreeze(
                  own,
                  frozen,
                  machine -> {
                    machine.turnsOver();
                    return List.of();
                  });
              if (own.awaitSaved(until + SAVED_WITHIN_NANOS) && slot.tenure == frozen) {
                carry(own, frozen, move, image, until + SAVED_WITHIN_NANOS);
              }
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** The shard is quiet: its memory goes ahead, and then it is given up. */
  private void carry(Ownership own, Tenure frozen, ShardHome.Move move, long number, long until)
      throws InterruptedException {
    watch.at(own.shard(), MoveWatch.Step.SAVED);
    Memories memories = own.memories(until);
    long image = memories == null || memories.isEmpty() ? 0 : number;
    if (memories != null
        && (image == 0 || carrier.carry(own.shard(), move, image, memories.encode(), until))) {
      watch.at(own.shard(), MoveWatch.Step.CARRIED);
      ofFreeze(own, frozen, machine -> machine.quiet(image));
      watch.at(own.shard(), MoveWatch.Step.RENOUNCED);
    } else {
      ofFreeze(own, frozen, machine -> machine.giveUp(System.nanoTime()));
    }
  }

  private synchronized List<Claim> openClaims() {
    List<Claim> open = new ArrayList<>();
    for (Slot slot : slots.all()) {
      if (slot.machine.tenure() instanceof Tenure.Claiming t
          && registration != 0
          && !slot.leaving
          && !slot.awaitsHashed) {
        open.add(slot.claim(t.epoch(), t.claim(), registration));
      }
    }
    return open;
  }

  /** Ends idle processes, and those that are too many; returns how many. */
  public int passivate() {
    synchronized (bounds) {
      long now = services.idleMillis(System.nanoTime());
      List<Ownership> all = new ArrayList<>();
      int ended = 0;
      bounds.begins();
      for (Slot slot : slots.all()) {
        Ownership own = slot.own;
        if (own != null) {
          all.add(own);
          ended += own.passivate(now, bounds);
        }
      }
      return ended + bounds.ends(now, all);
    }
  }

  /** How many shards are in each state of a tenure, by its word. */
  public Map<String, Integer> tenures() {
    Map<String, Integer> counts = new HashMap<>();
    for (Slot slot : slots.all()) {
      counts.merge(slot.tenure.word(), 1, Integer::sum);
    }
    return counts;
  }

  /** How many processes are in memory. */
  public int liveCount() {
    return slots.all().stream()
        .map(slot -> slot.own)
        .mapToInt(own -> own == null ? 0 : own.live().size())
        .sum();
  }

  /** How many processes of each shard are in memory, those included whose memory has arrived and that were not called yet. */
  public ShardCosts costs() {
    SortedMap<Integer, Integer> processes = new TreeMap<>();
    for (Slot slot : slots.all()) {
      Ownership own = slot.own;
      int count = own == null ? 0 : own.inMemory();
      if (count > 0) {
        processes.put(slot.shard(), count);
      }
    }
    return new ShardCosts(processes);
  }

  /** Some of the processes in memory. */
  public List<LiveReport> live(@Nullable String type, int limit) {
    return processes(type, null, limit);
  }

  /** Some of the processes in memory; or of those in that state, which may be out of memory if they fail. */
  public List<LiveReport> processes(@Nullable String type, @Nullable String state, int limit) {
    return new Reports(services, stuck, slots::all, this::own).some(type, state, limit);
  }

  /** A process, with its cells; null if it is not in memory here and nothing is known against it. */
  public @Nullable LiveReport find(int shard, ProcessId id) {
    return new Reports(services, stuck, slots::all, this::own).find(shard, id, true);
  }

  /** Looks for turns that run for too long, as of {@code System.nanoTime}; tells of them. */
  public void supervise(long now) {
    List<Running<Activation>> running = new ArrayList<>();
    for (Slot slot : slots.all()) {
      Ownership own = slot.own;
      if (own != null) {
        own.addRunning(running);
      }
    }
    stuck.look(now, running);
    services.supervision().forgetOld(services.pauseNanos(), this::serves);
  }

  /** What this node remembers of processes that fail. */
  public Supervision supervision() {
    return services.supervision();
  }

  /** How many turns run for longer than their type allows. */
  public int stuckCount() {
    return stuck.count();
  }

  @Override
  public void close() {
    dropAll();
    committer.close();
  }
}
