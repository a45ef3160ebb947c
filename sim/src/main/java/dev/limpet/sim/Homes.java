package dev.limpet.sim;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.home.Arrivals;
import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The shards of one node: feeds each {@link HomeShard} with what happens, and carries out what it says. Stands for {@code
 * LocalShards} of the real node.
 */
final class Homes {
  private static final long QUIET_WITHIN = 50 * Simulation.MS;
  private static final int PIECE_BYTES = 100;

  private final SimNode node;
  private final NodeLife life;
  private final Cluster cluster;
  private final Simulation sim;
  private final Turns turns;
  private final Saves saves;
  private final PinSwap pinSwap;
  private final List<SimShard> hashed = new ArrayList<>();
  private final TreeMap<Integer, SimShard> pins = new TreeMap<>();
  private final Arrivals arrivals = new Arrivals(1 << 20);
  private long images;

  Homes(SimNode node, NodeLife life, Cluster cluster) {
    this.node = node;
    this.life = life;
    this.cluster = cluster;
    this.sim = cluster.sim();
    this.turns = new Turns(node, life, cluster, this);
    this.saves = new Saves(node, cluster, this);
    this.pinSwap = new PinSwap(node, life, this);
    for (int s = 0; s < cluster.config().allShards(); s++) {
      hashed.add(new SimShard(s, QUIET_WITHIN));
    }
  }

  Turns turns() {
    return turns;
  }

  Saves saves() {
    return saves;
  }

  @Nullable SimShard shard(int number) {
    return number < hashed.size() ? hashed.get(number) : pins.get(number);
  }

  /** Of the pins that are at home here, by number. */
  TreeMap<Integer, SimShard> pins() {
    return pins;
  }

  List<SimShard> hashed() {
    return hashed;
  }

  private List<SimShard> all() {
    List<SimShard> all = new ArrayList<>(hashed);
    all.addAll(pins.values());
    return all;
  }

  Tenure tenure(int number) {
    SimShard s = shard(number);
    return s == null ? new Tenure.Away() : s.machine.tenure();
  }

  /** Whether turns of that process may begin here, were there a lease. */
  boolean open(String key, int hashedShard) {
    SimShard h = hashed.get(hashedShard);
    return serves(h, key)
        || pins.values().stream()
            .anyMatch(s -> s.pin != null && s.pin.id().key().equals(key) && serves(s, key));
  }

  private static boolean serves(SimShard s, String key) {
    return s.machine.tenure() instanceof Tenure.Open && !s.away.contains(key);
  }

  /** Whether it is home of nothing any more. */
  boolean none() {
    return all().stream().allMatch(s -> s.machine.tenure() instanceof Tenure.Away)
        && life.view().homes().stream().noneMatch(s -> s.home() == life.registration());
  }

  /** The shard is open here: the call waits for its turn. */
  void admit(int number, Calls.Work w) {
    SimShard s = shard(number);
    if (s != null) {
      turns.admit(s, w);
    }
  }

  // Events.

  void placed(Placement view, long registration) {
    if (!view.formed()) {
      return;
    }
    pinSwap.placed(view);
    for (SimShard s : hashed) {
      ShardHome at = view.at(s.number);
      if (at != null) {
        placed(s, at, registration);
      }
    }
    for (Pin pin : view.pins().all()) {
      SimShard s = pins.get(pin.number());
      if (s == null && registration != 0 && pin.at().home() == registration) {
        s = new SimShard(pin.number(), QUIET_WITHIN);
        pins.put(pin.number(), s);
      }
      if (s != null) {
        s.pin = pin;
        placed(s, pin.at(), registration);
        if (s.machine.tenure() instanceof Tenure.Away) {
          pins.remove(pin.number());
        }
      }
    }
    pinSwap.goOn();
    pinSwap.endPins();
    arrivals.placed(view, registration);
  }

  private void placed(SimShard s, ShardHome at, long registration) {
    s.placed = at;
    long before = s.machine.tenure().epoch();
    run(s, s.machine.placed(at, registration, node.clock()));
    long after = s.machine.tenure().epoch();
    Checks.that(
        after == 0 || after >= before,
        "the epoch of " + s.machine + " went back on " + node.name());
  }

  void tick() {
    for (SimShard s : all()) {
      run(s, s.machine.tick(node.clock()));
      Checks.that(
          !(s.machine.tenure() instanceof Tenure.Freezing f)
              || s.running == 0
              || node.clock() - f.since() <= QUIET_WITHIN,
          s.machine + " is frozen for too long (rule 16) on " + node.name());
      if (s.machine.tenure() instanceof Tenure.Renounced t
          && node.clock() - s.releasedAt > cluster.times().heartbeat()) {
        release(s, t.move(), t.image());
      }
    }
    pinSwap.goOn();
    pinSwap.endPins();
  }

  /** A commit was fenced, or nobody knows what it did. */
  void unsettled(SimShard s, Tenure.Open open) {
    run(s, s.machine.unsettled(open.epoch(), open.claim()));
  }

  private void run(SimShard s, List<HomeShard.Action> actions) {
    for (HomeShard.Action action : actions) {
      switch (action) {
        case HomeShard.Action.Claim a -> {
          if (!pinSwap.leavesHashedShard(s, a.epoch())) {
            claim(s, a.epoch(), a.number());
          }
        }
        case HomeShard.Action.Serve ignored -> serve(s);
        case HomeShard.Action.Freeze ignored -> freeze(s);
        case HomeShard.Action.Release a -> release(s, a.move(), a.image());
        case HomeShard.Action.Drop ignored -> drop(s);
      }
    }
  }

  void claim(SimShard s, long epoch, long number) {
    @Nullable Pin pin = s.pin;
    SimStore.Entry.Claim claim =
        new SimStore.Entry.Claim(
            s.number,
            epoch,
            number,
            life.registration(),
            pin == null ? "" : pin.id().key(),
            pin == null ? 0 : pin.hashed());
    int generation = s.generation;
    new Proposal<>(
            node,
            cluster,
            cluster.store(),
            claim,
            sim.chance(0.5),
            (applied, attempts) -> {
              if (s.generation != generation
                  || !s.machine.tenure().equals(new Tenure.Claiming(epoch, number))) {
                return;
              }
              if (applied == null) {
                claim(s, epoch, number);
                return;
              }
              switch (applied.result()) {
                case SimStore.Reply.Granted g -> granted(s, epoch, number, g);
                case SimStore.Reply.Refused r ->
                    run(
                        s,
                        s.machine.refused(
                            epoch, number, r.standing().epoch(), r.standing().number()));
                case SimStore.Reply.Part ignored ->
                    throw new Checks.Violation("a claim was answered like a commit");
              }
            })
        .send();
  }

  private void granted(SimShard s, long epoch, long number, SimStore.Reply.Granted g) {
    s.granted = g.fence();
    s.savedAt = 0;
    s.tries = 0;
    saves.settle(s, epoch, g);
    run(s, s.machine.granted(epoch, number, g.index()));
    pinSwap.goOn();
    pinSwap.endPins();
  }

  private void serve(SimShard s) {
    s.carrying = null;
    if (s.machine.tenure() instanceof Tenure.Open t && s.ownedEpoch != t.epoch()) {
      s.ownedEpoch = t.epoch();
      arrive(s);
    }
    life.calls().again();
  }

  /** Copies are forgotten; what waited in them looks for the home again, what was not acknowledged is not. */
  void drop(SimShard s) {
    s.generation++;
    s.ownedEpoch = 0;
    s.running = 0;
    s.leaving = 0;
    s.carrying = null;
    s.granted = null;
    s.arrived.clear();
    pinSwap.forget(s);
    List<Calls.Work> again = new ArrayList<>();
    s.procs.values().forEach(p -> again.addAll(p.mailbox));
    s.procs.clear();
    turns.forgetLoads(s);
    saves.drop(s);
    again.forEach(w -> life.calls().dispatch(w));
  }

  // Moves.

  private void freeze(SimShard s) {
    for (SimShard.Proc p : List.copyOf(s.procs.values())) {
      List<Calls.Work> again = List.copyOf(p.mailbox);
      p.mailbox.clear();
      again.forEach(w -> life.calls().dispatch(w));
    }
    quiet(s);
  }

  /** When no turn runs and all is saved, the memory of a shard that is about to move goes ahead. */
  void quiet(SimShard s) {
    if (!(s.machine.tenure() instanceof Tenure.Freezing f) || s.running > 0 || s.leaving > 0) {
      return;
    }
    s.machine.turnsOver();
    if (!s.lane.quiet() || f.equals(s.carrying)) {
      return;
    }
    List<SimShard.Memory> memories = new ArrayList<>(s.arrived.values());
    s.procs.values().stream().filter(p -> p.memory != null).forEach(p -> memories.add(p.memory));
    ShardHome.@Nullable Move move = s.placed == null ? null : s.placed.move();
    @Nullable Member target = move == null ? null : life.view().members().get(move.target());
    if (memories.isEmpty()) {
      run(s, s.machine.quiet(0));
    } else if (target == null) {
      run(s, s.machine.giveUp(node.clock()));
    } else {
      s.carrying = f;
      Fence.Former as = new Fence.Former(f.open().epoch(), f.open().claim(), s.lane.lastSequence());
      carry(s, f, target, ++images, encode(as, memories), 0);
    }
  }

  /** Sends the memory of a shard piece by piece, each after the one before has arrived. */
  private void carry(
      SimShard s, Tenure.Freezing frozen, Member target, long image, byte[] bytes, int offset) {
    int to = cluster.number(target.name());
    int end = Math.min(bytes.length, offset + PIECE_BYTES);
    byte[] piece = Arrays.copyOfRange(bytes, offset, end);
    cluster
        .net()
        .send(
            node.number(),
            to,
            () -> {
              boolean taken =
                  cluster
                      .lifeOf(to)
                      .homes()
                      .arrivals
                      .take(s.number, frozen.move(), image, offset, end == bytes.length, piece);
              cluster
                  .net()
                  .send(
                      to,
                      node.number(),
                      () -> carried(s, frozen, target, image, bytes, end, taken));
            });
  }

  private void carried(
      SimShard s,
      Tenure.Freezing frozen,
      Member target,
      long image,
      byte[] bytes,
      int offset,
      boolean taken) {
    if (!s.machine.tenure().equals(frozen)) {
      return;
    }
    if (!taken) {
      run(s, s.machine.giveUp(node.clock()));
    } else if (offset < bytes.length) {
      carry(s, frozen, target, image, bytes, offset);
    } else {
      run(s, s.machine.quiet(image));
    }
  }

  private static byte[] encode(Fence.Former as, List<SimShard.Memory> memories) {
    ByteWriter out = new ByteWriter(64);
    out.number(as.epoch()).number(as.number()).number(as.lastSequence()).number(memories.size());
    memories.forEach(m -> out.text(m.key()).number(m.seen()).number(m.turns()));
    return out.toBytes();
  }

  /** Gives a shard that has come here the memory that was sent ahead, before the first turn. */
  private void arrive(SimShard s) {
    if (s.between != null && s.betweenEpoch == s.ownedEpoch) {
      s.arrived.put(s.between.key(), s.between);
    }
    s.between = null;
    Fence granted = s.granted;
    ShardHome placed = s.placed;
    long image = placed == null || placed.epoch() != s.ownedEpoch ? 0 : placed.image();
    byte[] bytes = arrivals.claim(s.number, image);
    if (bytes == null || granted == null) {
      return;
    }
    boolean untouched = granted.earlier().stream().allMatch(e -> e.lastSequence() == 0);
    ByteReader in = new ByteReader(bytes);
    Fence.Former as = new Fence.Former(in.number(), in.number(), in.number());
    if (Arrivals.isOf(as, untouched ? granted.former() : null)) {
      for (int left = in.count(1000); left > 0; left--) {
        SimShard.Memory m = new SimShard.Memory(in.text(64), in.number(), in.number());
        if (!s.away.contains(m.key()) || pinSwap.isAwaited(s, m.key())) {
          s.arrived.put(m.key(), m);
        }
      }
    }
  }

  private void release(SimShard s, long move, long image) {
    s.releasedAt = node.clock();
    life.propose(
        new Command.Release(
            node.name(), life.registration(), List.of(new Command.Released(s.number, move, image))),
        sim.chance(0.3),
        r -> {});
  }

  // Replies.

  void answer(SimShard.Answerable a, long epoch) {
    if (!a.work().over) {
      cluster.checks().replyLeaves(a.work().op, a.value());
      a.work().reply(new Calls.Reply.Done(a.value(), epoch, life.registration()));
    }
  }
}
