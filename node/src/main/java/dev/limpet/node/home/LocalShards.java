package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.HomeShard.Action;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.core.supervise.TurnWatch.Running;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.node.door.Door;
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
  private final Claims claims;
  private final Committer committer;
  private final StuckTurns stuck = new StuckTurns();

  // Guarded by this, except that anyone may read the array and the volatile fields in it.
  private volatile Slot[] slots = new Slot[0];
  private long registration;
  private final Map<Integer, Released> releasing = new HashMap<>();

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
    this.claims = new Claims(services.store(), watch, this::unansweredClaims, this::claimed);
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
    claims.clear();
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

  private synchronized void claimed(List<Claim> asked, List<ClaimReply> replies) {
    Todo todo = new Todo();
    for (int i = 0; i < asked.size(); i++) {
      Claim c = asked.get(i);
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
    final List<Claim> wanted = new ArrayList<>();
    final List<Released> releases = new ArrayList<>();
    boolean changed;

    void add(Slot slot, List<Action> actions) {
      for (Action action : actions) {
        changed = true;
        switch (action) {
          case Action.Claim c ->
              wanted.add(new Claim(slot.machine.shard(), c.epoch(), c.number(), registration));
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

  private synchronized List<Claim> unansweredClaims() {
    List<Claim> claims = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.machine.tenure() instanceof Tenure.Claiming t && registration != 0) {
        claims.add(new Claim(slot.machine.shard(), t.epoch(), t.claim(), registration));
      }
    }
    return claims;
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

  /** Some of the processes in memory. */
  public List<Report> live(@Nullable String type, int limit) {
    return processes(type, null, limit);
  }

  /** Some of the processes in memory; or of those in that state, which may be out of memory if they fail. */
  public List<Report> processes(@Nullable String type, @Nullable String state, int limit) {
    Reports reports = new Reports(type, state, limit);
    if ("failing".equals(state)) {
      services.supervision().failing().forEach(e -> reports.add(e.getValue(), e.getKey()));
    } else if ("stuck".equals(state)) {
      stuck.all().forEach(a -> reports.add(a.own, a));
    } else {
      for (Slot slot : slots) {
        Ownership own = slot.own;
        if (own != null && !reports.isFull()) {
          own.live().forEach(a -> reports.add(own, a));
        }
      }
    }
    return reports.found;
  }

  private final class Reports {
    final List<Report> found = new ArrayList<>();
    private final @Nullable String type;
    private final @Nullable String state;
    private final int limit;

    Reports(@Nullable String type, @Nullable String state, int limit) {
      this.type = type;
      this.state = state;
      this.limit = limit;
    }

    boolean isFull() {
      return found.size() >= limit;
    }

    void add(Ownership own, Activation a) {
      if (!isFull() && (type == null || a.id().type().equals(type))) {
        add(report(own, a, false));
      }
    }

    void add(int shard, ProcessId id) {
      Report report =
          isFull() || (type != null && !id.type().equals(type)) ? null : find(shard, id, false);
      if (report != null) {
        add(report);
      }
    }

    private void add(Report report) {
      if (state == null || state.equals(report.state())) {
        found.add(report);
      }
    }
  }

  /** A process, with its cells; null if it is not in memory here and nothing is known against it. */
  public @Nullable Report find(int shard, ProcessId id) {
    return find(shard, id, true);
  }

  private @Nullable Report find(int shard, ProcessId id, boolean cells) {
    Slot[] all = slots;
    Ownership own = shard < all.length ? all[shard].own : null;
    if (own == null) {
      return null;
    }
    Activation a = own.find(id);
    if (a != null) {
      return report(own, a, cells);
    }
    Door.Failures failures = services.supervision().failures(id, services.pauseNanos());
    return failures == null
        ? null
        : new Report(
            id, shard, own.epoch(), false, 0, 0, 0, failures.cause(), failures, null, Map.of());
  }

  private Report report(Ownership own, Activation a, boolean cells) {
    long now = System.nanoTime();
    LiveCopy.Snapshot s =
        cells ? a.snapshot() : new LiveCopy.Snapshot(a.process != null, 0, Map.of());
    return new Report(
        a.id(),
        own.shard(),
        own.epoch(),
        s.live(),
        a.waiting(),
        Math.max(0, services.idleMillis(now) - a.usedAtMillis()),
        s.turns(),
        a.lastFailure(),
        services.supervision().failures(a.id(), services.pauseNanos()),
        stuck.report(a, now),
        s.cells());
  }

  /** One process in memory, or one that fails. */
  public record Report(
      ProcessId id,
      int shard,
      long epoch,
      boolean live,
      int waiting,
      long idleMillis,
      long turns,
      @Nullable String lastFailure,
      Door.@Nullable Failures failures,
      Door.@Nullable StuckTurn stuck,
      Map<String, String> cells) {

    /** In one word. */
    public String state() {
      if (stuck != null) {
        return "stuck";
      }
      if (failures != null && failures.failing()) {
        return "failing";
      }
      return live ? "live" : "passive";
    }
  }

  // Supervision.

  /** Looks for turns that run for too long, as of {@code System.nanoTime}; tells of them. */
  public void supervise(long now) {
    List<Running<Activation>> running = new ArrayList<>();
    for (Slot slot : slots) {
      Ownership own = slot.own;
      if (own != null) {
        own.live()
            .forEach(a -> {
              long turn = a.runningTurn();
              if (turn != 0) {
                running.add(
                    new Running<>(a, turn, a.type().options().turnsReportedAfter().toNanos()));
              }
            });
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
