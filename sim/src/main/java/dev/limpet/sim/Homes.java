package dev.limpet.sim;

import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.core.home.CommitLane;
import dev.limpet.core.home.CommitLane.Answer;
import dev.limpet.core.home.CommitLane.Batch;
import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.core.home.CommitLane.Settled;
import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The shards of one node: claims, loads, turns, commits and releases. */
final class Homes {
  private static final long QUIET_WITHIN = 50 * Simulation.MS;
  private static final int BATCH_MAX = 4;
  private static final int TRIES_MAX = 3;

  private final SimNode node;
  private final NodeLife life;
  private final Cluster cluster;
  private final Simulation sim;
  private final List<Shard> shards = new ArrayList<>();
  private final List<Load> loads = new ArrayList<>();

  /** A process in memory. */
  private static final class Proc {
    final String key;
    SimStore.@Nullable Saved state;
    boolean loading;
    boolean busy;
    @Nullable Commit last;
    final ArrayDeque<Calls.Work> mailbox = new ArrayDeque<>();

    Proc(String key) {
      this.key = key;
    }
  }

  /** What one turn wants saved, and the replies that rest on it. */
  private static final class Commit {
    final SimStore.Change change;
    final List<Answerable> replies = new ArrayList<>();
    boolean saved;

    Commit(SimStore.Change change) {
      this.change = change;
    }
  }

  private record Answerable(Calls.Work work, long value) {}

  private record Load(Shard shard, Tenure.Open open, Proc proc, long atLeast) {}

  /** Commits whose fate only the next claim's answer tells. */
  private record Unsettled(long epoch, long claim, long sequence, List<Commit> commits) {}

  private static final class Shard {
    final int number;
    final HomeShard life;
    Map<String, Proc> procs = new HashMap<>();
    CommitLane<Commit> lane = new CommitLane<>();
    final List<Unsettled> unsettled = new ArrayList<>();
    long readFrom;
    int running;
    int tries;
    int generation;
    long releasedAt;

    Shard(int number) {
      this.number = number;
      this.life = new HomeShard(number, QUIET_WITHIN);
    }
  }

  Homes(SimNode node, NodeLife life, Cluster cluster) {
    this.node = node;
    this.life = life;
    this.cluster = cluster;
    this.sim = cluster.sim();
    for (int s = 0; s < cluster.config().allShards(); s++) {
      shards.add(new Shard(s));
    }
  }

  Tenure tenure(int shard) {
    return shards.get(shard).life.tenure();
  }

  boolean open(int shard) {
    return tenure(shard) instanceof Tenure.Open;
  }

  /** Whether it is home of nothing any more. */
  boolean none() {
    return shards.stream().allMatch(s -> s.life.tenure() instanceof Tenure.Away)
        && life.view().shards().stream().noneMatch(s -> s.home() == life.registration());
  }

  void placed(Placement view, long registration) {
    for (Shard s : shards) {
      ShardHome at = view.at(s.number);
      if (at != null) {
        long before = s.life.tenure().epoch();
        run(s, s.life.placed(at, registration, node.clock()));
        long after = s.life.tenure().epoch();
        Checks.that(
            after == 0 || after >= before,
            "the epoch of " + s.life + " went back on " + node.name());
      }
    }
  }

  void tick() {
    for (Shard s : shards) {
      run(s, s.life.tick(node.clock()));
      if (s.life.tenure() instanceof Tenure.Renounced t
          && node.clock() - s.releasedAt > cluster.times().heartbeat()) {
        release(s, t.move());
      }
    }
  }

  private void run(Shard s, List<HomeShard.Action> actions) {
    for (HomeShard.Action action : actions) {
      switch (action) {
        case HomeShard.Action.Claim a -> claim(s, a.epoch(), a.number());
        case HomeShard.Action.Serve ignored -> life.calls().again();
        case HomeShard.Action.Freeze ignored -> freeze(s);
        case HomeShard.Action.Release a -> release(s, a.move());
        case HomeShard.Action.Drop ignored -> drop(s);
      }
    }
  }

  private void claim(Shard s, long epoch, long number) {
    SimStore.Entry.Claim claim =
        new SimStore.Entry.Claim(s.number, epoch, number, life.registration());
    int generation = s.generation;
    new Proposal<>(
            node,
            cluster,
            cluster.store(),
            claim,
            sim.chance(0.5),
            (applied, attempts) -> {
              if (s.generation != generation
                  || !s.life.tenure().equals(new Tenure.Claiming(epoch, number))) {
                return;
              }
              if (applied == null) {
                claim(s, epoch, number);
                return;
              }
              switch (applied.result()) {
                case SimStore.Reply.Granted g -> {
                  s.readFrom = g.index();
                  s.lane = new CommitLane<>();
                  s.tries = 0;
                  settle(s, epoch, g);
                  run(s, s.life.granted(epoch, number, g.index()));
                }
                case SimStore.Reply.Refused r ->
                    run(
                        s,
                        s.life.refused(epoch, number, r.standing().epoch(), r.standing().number()));
                case SimStore.Reply.Part ignored ->
                    throw new Checks.Violation("a claim was answered like a commit");
              }
            })
        .send();
  }

  private void settle(Shard s, long epoch, SimStore.Reply.Granted granted) {
    for (Unsettled u : List.copyOf(s.unsettled)) {
      OptionalLong last = u.epoch == epoch ? granted.lastSequenceOf(u.claim) : OptionalLong.empty();
      Fate fate =
          last.isEmpty()
              ? Fate.UNKNOWN
              : last.getAsLong() >= u.sequence ? Fate.SAVED : Fate.NOT_SAVED;
      ended(s, fate, u.commits, epoch);
    }
    s.unsettled.clear();
  }

  /** Copies are forgotten; what waited in them looks for the home again, what was not acknowledged is not. */
  private void drop(Shard s) {
    s.generation++;
    s.running = 0;
    List<Calls.Work> again = new ArrayList<>();
    s.procs.values().forEach(p -> again.addAll(p.mailbox));
    s.procs = new HashMap<>();
    loads.removeIf(l -> l.shard == s);
    List<Settled<Commit>> ends = s.lane.close();
    s.lane = new CommitLane<>();
    for (Settled<Commit> end : ends) {
      ended(s, end.fate(), end.commits(), 0);
    }
    if (s.life.tenure() instanceof Tenure.Away) {
      s.unsettled.forEach(u -> ended(s, Fate.UNKNOWN, u.commits, 0));
      s.unsettled.clear();
    }
    again.forEach(w -> life.calls().dispatch(w));
  }

  private void freeze(Shard s) {
    for (Proc p : s.procs.values()) {
      List<Calls.Work> again = List.copyOf(p.mailbox);
      p.mailbox.clear();
      again.forEach(w -> life.calls().dispatch(w));
    }
    quiet(s);
  }

  private void quiet(Shard s) {
    if (s.running == 0 && s.lane.quiet()) {
      run(s, s.life.quiet(0));
    }
  }

  private void release(Shard s, long move) {
    s.releasedAt = node.clock();
    life.propose(
        new Command.Release(
            node.name(), life.registration(), List.of(new Command.Released(s.number, move))),
        sim.chance(0.3),
        r -> {});
  }

  /** The shard is open here: the call waits for its turn. */
  void admit(int shard, Calls.Work w) {
    Shard s = shards.get(shard);
    Proc p = s.procs.computeIfAbsent(w.op.key, Proc::new);
    p.mailbox.addLast(w);
    next(s, p);
  }

  private void next(Shard s, Proc p) {
    while (!p.busy && !p.loading && !p.mailbox.isEmpty()) {
      if (!(cluster.seams().tenure(s.life.tenure()) instanceof Tenure.Open open)) {
        return;
      }
      if (p.state == null) {
        load(s, open, p);
        return;
      }
      Calls.Work w = p.mailbox.removeFirst();
      if (w.over) {
        continue;
      }
      if (node.clock() - w.deadline >= 0) {
        w.reply(new Calls.Reply.NotRun("deadline passed"));
      } else if (!life.mayBegin()) {
        life.calls().later(w, "no lease");
      } else {
        begin(s, open, p, w);
      }
    }
  }

  private void load(Shard s, Tenure.Open open, Proc p) {
    p.loading = true;
    loads.add(new Load(s, open, p, cluster.seams().loadFrom(s.readFrom)));
    storeReached();
  }

  /** The store's replica here has moved on: loads that waited for that can be done. */
  void storeReached() {
    for (Load l : List.copyOf(loads)) {
      if (life.storeApplied() >= l.atLeast && loads.remove(l)) {
        l.proc.loading = false;
        l.proc.state = life.store().load(l.proc.key);
        next(l.shard, l.proc);
      }
    }
  }

  private void begin(Shard s, Tenure.Open open, Proc p, Calls.Work w) {
    cluster.checks().turnBegins(node, s.number, open.epoch(), life.registration());
    w.begun = true;
    p.busy = true;
    s.running++;
    int generation = s.generation;
    long duration =
        sim.chance(0.02)
            ? sim.between(100 * Simulation.MS, 2_500 * Simulation.MS)
            : sim.between(0, 4 * Simulation.MS);
    node.after(
        duration,
        () -> {
          if (s.generation != generation) {
            w.reply(new Calls.Reply.NotRun("its home was lost before anything was saved"));
            return;
          }
          p.busy = false;
          s.running--;
          end(s, open, p, w);
          pump(s);
          next(s, p);
          quiet(s);
        });
  }

  private void end(Shard s, Tenure.Open open, Proc p, Calls.Work w) {
    SimStore.Saved state = Objects.requireNonNull(p.state);
    Long known = state.results().get(w.op.idempotencyKey);
    if (w.op.kind == Op.Kind.ADD && known == null) {
      SimStore.Saved after = state.added(w.op.idempotencyKey);
      Commit commit = new Commit(new SimStore.Change(p.key, after, w.op.id));
      p.state = after;
      p.last = commit;
      s.lane.offer(commit);
      if (cluster.seams().repliesAfterSave()) {
        commit.replies.add(new Answerable(w, after.value()));
      } else {
        answer(new Answerable(w, after.value()), open.epoch());
      }
      return;
    }
    boolean mayStill = life.mayBegin() && s.life.tenure().epoch() == open.epoch();
    if (!mayStill) {
      w.reply(new Calls.Reply.NotRun("the lease ended during the turn"));
      return;
    }
    Answerable a = new Answerable(w, known == null ? state.value() : known);
    Commit last = p.last;
    if (last != null && !last.saved) {
      last.replies.add(a);
    } else {
      answer(a, open.epoch());
    }
  }

  private void answer(Answerable a, long epoch) {
    if (!a.work.over) {
      cluster.checks().replyLeaves(a.work.op, a.value);
      a.work.reply(new Calls.Reply.Done(a.value, epoch));
    }
  }

  private void pump(Shard s) {
    Batch<Commit> batch = s.lane.next(c -> 1, BATCH_MAX);
    if (batch != null) {
      s.tries = 0;
      send(s, batch);
    }
  }

  private void send(Shard s, Batch<Commit> batch) {
    long epoch;
    long claim;
    switch (s.life.tenure()) {
      case Tenure.Open t -> {
        epoch = t.epoch();
        claim = t.claim();
      }
      case Tenure.Freezing t -> {
        epoch = t.open().epoch();
        claim = t.open().claim();
      }
      case Tenure.Renounced ignored ->
          throw new Checks.Violation("a commit after the shard was renounced");
      case Tenure.Away ignored -> throw new Checks.Violation("a commit for a shard that is away");
      case Tenure.Claiming ignored ->
          throw new Checks.Violation("a commit before the claim is granted");
    }
    s.tries++;
    int generation = s.generation;
    SimStore.Entry.Part part =
        new SimStore.Entry.Part(
            s.number,
            epoch,
            claim,
            batch.sequence(),
            batch.commits().stream().map(c -> c.change).toList());
    new Proposal<>(
            node,
            cluster,
            cluster.store(),
            part,
            sim.chance(0.5),
            (applied, attempts) -> {
              if (s.generation == generation) {
                answered(s, batch.sequence(), epoch, claim, applied, attempts);
              }
            })
        .send();
  }

  private void answered(
      Shard s,
      long sequence,
      long epoch,
      long claim,
      SimLog.@Nullable Applied<SimStore.Reply> applied,
      int attempts) {
    if (applied == null) {
      Batch<Commit> same = Objects.requireNonNull(s.lane.unanswered());
      if (s.tries < TRIES_MAX) {
        send(s, same);
      } else {
        unsettled(s, new Unsettled(epoch, claim, sequence, same.commits()), epoch, claim);
      }
      return;
    }
    if (attempts > 1 && cluster.seams().fencedAfterRepeatIsUnknown()) {
      // The proposal sent it again by itself: an earlier sending may have been saved.
      s.lane.unanswered();
    }
    PartDecision decision = ((SimStore.Reply.Part) applied.result()).decision();
    Settled<Commit> settled = s.lane.answered(answer(decision));
    switch (settled.fate()) {
      case SAVED -> {
        s.readFrom = Math.max(s.readFrom, applied.index());
        ended(s, Fate.SAVED, settled.commits(), epoch);
        pump(s);
        quiet(s);
      }
      case NOT_SAVED -> {
        ended(s, Fate.NOT_SAVED, settled.commits(), epoch);
        run(s, s.life.unsettled(epoch, claim));
      }
      case UNKNOWN ->
          unsettled(s, new Unsettled(epoch, claim, sequence, settled.commits()), epoch, claim);
    }
  }

  /** Nobody knows what the commit did: only a higher claim settles it. */
  private void unsettled(Shard s, Unsettled u, long epoch, long claim) {
    s.unsettled.add(u);
    // What waits behind it was never sent; it ends with the lane. What is under way is told by the
    // next claim.
    List<Settled<Commit>> ends = s.lane.close();
    s.lane = new CommitLane<>();
    for (Settled<Commit> end : ends) {
      if (end.fate() == Fate.NOT_SAVED) {
        ended(s, Fate.NOT_SAVED, end.commits(), epoch);
      }
    }
    run(s, s.life.unsettled(epoch, claim));
  }

  private static Answer answer(PartDecision decision) {
    return switch (decision) {
      case ACCEPTED -> Answer.ACCEPTED;
      case ALREADY_APPLIED -> Answer.ALREADY_APPLIED;
      case FENCED -> Answer.FENCED;
      case GAP -> Answer.GAP;
    };
  }

  private void ended(Shard s, Fate fate, List<Commit> commits, long epoch) {
    for (Commit c : commits) {
      c.saved = fate == Fate.SAVED;
      for (Answerable a : c.replies) {
        switch (fate) {
          case SAVED -> answer(a, epoch);
          case NOT_SAVED ->
              a.work.reply(
                  new Calls.Reply.NotRun("shard " + s.number + " was lost before the save"));
          case UNKNOWN ->
              a.work.reply(new Calls.Reply.Unknown("it is not known what the save did"));
        }
      }
    }
  }
}
