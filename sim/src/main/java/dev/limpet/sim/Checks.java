package dev.limpet.sim;

import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be true at every moment, judged with what no node has: true time, and the committed logs at the moment of
 * each commit. It keeps its own books, and does not ask the fence that it checks.
 */
final class Checks {
  private final Simulation sim;
  private final List<SimNode> nodes;
  private final SimConfig config;
  private final LedgerState ledger = new LedgerState();
  private final SimStore store = new SimStore();
  private final Map<Integer, Standing> claims = new HashMap<>();
  private final Map<String, Integer> pinned = new HashMap<>();
  private final Map<String, Long> turns = new HashMap<>();
  private final Map<Long, Long> ownerOfEpoch = new HashMap<>();
  private final Map<Long, Op> operations = new HashMap<>();
  private final Map<Long, Long> savedBy = new HashMap<>();
  private final Map<String, Long> savedFor = new HashMap<>();
  private final Map<String, Key> keys = new HashMap<>();

  /** A promise was broken. */
  static final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String what) {
      super(what);
    }
  }

  private record Standing(long epoch, long number, long owner) {
    boolean below(long otherEpoch, long otherNumber) {
      return epoch < otherEpoch || (epoch == otherEpoch && number < otherNumber);
    }
  }

  /** What is known of one key's counter. */
  private static final class Key {
    long invoked;
    long acknowledged;
    long certainlyNot;
    final Set<Long> results = new HashSet<>();
  }

  Checks(Simulation sim, List<SimNode> nodes, SimConfig config) {
    this.config = config;
    this.sim = sim;
    this.nodes = nodes;
  }

  static void that(boolean holds, String what) {
    if (!holds) {
      throw new Violation(what);
    }
  }

  SimLog.Replica<Command, LedgerState.Result> ledgerOracle() {
    return new SimLog.Replica<>() {
      @Override
      public LedgerState.Result apply(long index, Command entry) {
        LedgerState.Result result = ledger.apply(index, entry);
        result.decisions().forEach(d -> sim.say("ledger " + index + ": " + d.describe()));
        if (result.outcome() instanceof Outcome.Refused refused) {
          sim.say("ledger " + index + ": refused " + entry + ": " + refused.detail());
        }
        return result;
      }

      @Override
      public void leads(boolean leading) {}
    };
  }

  SimLog.Replica<SimStore.Entry, SimStore.Reply> storeOracle() {
    return new SimLog.Replica<>() {
      @Override
      public SimStore.Reply apply(long index, SimStore.Entry entry) {
        SimStore.Reply reply = store.apply(index, entry);
        committed(entry, reply);
        return reply;
      }

      @Override
      public void leads(boolean leading) {}
    };
  }

  LedgerState ledger() {
    return ledger;
  }

  /** Whether a node is home of a shard, as the committed ledger says. */
  boolean isHome(int node, int shard) {
    Member home = ledger.placement().homeOf(shard);
    return home != null && home.name().equals("n" + node);
  }

  /** P1: at most one owner's effects are accepted per epoch, and none after a newer claim. */
  private void committed(SimStore.Entry entry, SimStore.Reply reply) {
    switch (entry) {
      case SimStore.Entry.Claim c -> {
        if (reply instanceof SimStore.Reply.Granted) {
          Standing s = claims.get(c.shard());
          that(
              s == null
                  || s.below(c.epoch(), c.number())
                  || s.equals(new Standing(c.epoch(), c.number(), c.owner())),
              "a claim below " + s + " was granted: " + c);
          claims.put(c.shard(), new Standing(c.epoch(), c.number(), c.owner()));
          Long owner = ownerOfEpoch.putIfAbsent(c.epoch(), c.owner());
          that(
              owner == null || owner == c.owner(),
              "two owners claimed under one epoch: " + owner + " and " + c);
          if (!c.pinned().isEmpty()) {
            pinned.put(c.pinned(), c.shard());
          }
          sim.say("store " + index(reply) + ": granted " + c);
        } else {
          sim.say("store: refused " + c);
        }
      }
      case SimStore.Entry.Part p -> {
        PartDecision decision = ((SimStore.Reply.Part) reply).decision();
        if (decision == PartDecision.ACCEPTED) {
          Standing s = claims.get(p.shard());
          that(
              s != null && s.epoch() == p.epoch() && s.number() == p.claim(),
              "a write under "
                  + p.epoch()
                  + "/"
                  + p.claim()
                  + " was accepted while "
                  + s
                  + " stands");
          for (SimStore.Change c : p.changes()) {
            int belongs =
                pinned.getOrDefault(
                    c.key(), ledger.placement().hashedShardOf(SimStore.id(c.key())));
            that(
                belongs == p.shard(),
                c.key()
                    + " was saved under shard "
                    + p.shard()
                    + " while it belongs to "
                    + belongs);
            accepted(c);
          }
          if (p.ends()) {
            pinned.values().remove(p.shard());
          }
        } else {
          sim.say("store: " + decision + " " + p);
        }
      }
      case SimStore.Entry.Nothing ignored -> {}
    }
  }

  private static long index(SimStore.Reply reply) {
    return reply instanceof SimStore.Reply.Granted g ? g.index() : 0;
  }

  private void accepted(SimStore.Change c) {
    Op op = operation(c.operation());
    that(savedBy.put(op.id, c.state().value()) == null, op + " was saved twice");
    if (!op.idempotencyKey.isEmpty()) {
      that(
          savedFor.put(op.idempotencyKey, op.id) == null,
          op + " was saved again under its idempotency key");
    }
    that(
        !(op.answer instanceof Op.Answer.NotRun),
        op + " was saved after its caller was told that it did not run");
  }

  private Op operation(long id) {
    Op op = operations.get(id);
    that(op != null, "an unknown operation " + id);
    return Objects.requireNonNull(op);
  }

  /**
   * P1: a turn begins, or a reply leaves that rests on no commit: with a lease, at the one home that the ledger knows, and
   * nobody else could do the same.
   */
  void acts(String what, SimNode node, int shard, long epoch, NodeLife life, String key) {
    if (!config.clocksAreRight()) {
      return;
    }
    long registration = life.registration();
    String who =
        node.name() + " " + what + " of " + key + " in shard " + shard + " at epoch " + epoch;
    Placement placement = ledger.placement();
    int hashed = placement.hashedShardOf(SimStore.id(key));
    int belongs = placement.shardOf(SimStore.id(key), hashed);
    ShardHome home = Objects.requireNonNull(placement.at(belongs));
    that(
        placement.members().containsKey(registration),
        who + " though registration " + registration + " ended");
    that(home.home() == registration, who + " though its home is registration " + home.home());
    that(belongs != shard || home.epoch() == epoch, who + " though the epoch is " + home.epoch());
    String role = placement.roleOf(belongs);
    that(
        role.isEmpty() || life.roles().contains(role),
        who + " though it does not hold the role " + role);
    for (SimNode other : nodes) {
      that(
          other == node || !other.serves(key, hashed),
          who + " while n" + other.number() + " holds it open with a lease");
    }
  }

  /**
   * P5, rule 15: what a process has in memory is of its last turn or not there at all; and where all that happens is
   * planned, it is there.
   */
  void remembers(String key, SimShard.@Nullable Memory memory, long saved) {
    that(
        memory == null || memory.seen() == saved,
        "the memory of " + key + " is stale: " + memory + ", saved is " + saved);
    long before = turns.getOrDefault(key, 0L);
    that(
        !config.isPlanned() || before == (memory == null ? 0 : memory.turns()),
        key + " lost its memory in a planned move: " + memory + " after " + before + " turns");
    turns.put(key, before + 1);
  }

  /** Whether a node is a member and holds its lease. */
  boolean takesPart(SimNode node) {
    NodeLife life = node.life();
    return life != null
        && ledger.placement().members().containsKey(life.registration())
        && life.holds();
  }

  void invoked(Op op) {
    operations.put(op.id, op);
    if (op.kind == Op.Kind.ADD) {
      key(op).invoked++;
    }
  }

  private Key key(Op op) {
    return keys.computeIfAbsent(op.key, k -> new Key());
  }

  /** P2: what a reply rests on is saved. Called when the reply leaves the home. */
  void replyLeaves(Op op, long value) {
    if (op.kind == Op.Kind.ADD && op.idempotencyKey.isEmpty()) {
      that(savedBy.containsKey(op.id), "the reply to " + op + " leaves before it is saved");
    }
    that(
        value <= store.load(op.key).value(),
        "a reply to " + op + " shows " + value + ", which is not saved");
  }

  /** What each operation began with, so that no later one may see less. */
  long floor(String key) {
    Key k = keys.get(key);
    return k == null ? 0 : k.acknowledged;
  }

  void answered(Op op, long floorAtInvocation, Op.Answer answer) {
    that(op.answer == null, op + " was answered twice: " + op.answer + " and " + answer);
    op.answer = answer;
    op.answeredAt = sim.now();
    Key k = key(op);
    switch (answer) {
      case Op.Answer.Ok ok -> {
        boolean first = op.kind == Op.Kind.ADD && op.idempotencyKey.isEmpty();
        that(
            first
                ? ok.value() > floorAtInvocation
                : op.kind != Op.Kind.GET
                    || !config.clocksAreRight()
                    || ok.value() >= floorAtInvocation,
            op
                + " saw "
                + ok.value()
                + " though "
                + floorAtInvocation
                + " was seen before it began");
        that(
            !first || k.results.add(ok.value()),
            op + " and another add were both answered " + ok.value());
        that(
            ok.value() <= k.invoked - k.certainlyNot,
            op + " saw more than was ever added: " + ok.value());
        k.acknowledged = Math.max(k.acknowledged, ok.value());
      }
      case Op.Answer.NotRun ignored -> {
        that(!savedBy.containsKey(op.id), op + " was told that it did not run, but it is saved");
        if (op.kind == Op.Kind.ADD && op.idempotencyKey.isEmpty()) {
          k.certainlyNot++;
        }
      }
      case Op.Answer.Unknown ignored -> {}
    }
  }

  /** At the end: what was acknowledged is there, exactly once. */
  void atTheEnd() {
    Map<String, Set<String>> acknowledged = new HashMap<>();
    Map<String, Set<String>> possible = new HashMap<>();
    for (Op op : operations.values()) {
      that(op.answer != null, op + " was never answered");
      if (op.kind == Op.Kind.ADD) {
        String what = op.idempotencyKey.isEmpty() ? "op" + op.id : op.idempotencyKey;
        if (op.answer instanceof Op.Answer.Ok) {
          acknowledged.computeIfAbsent(op.key, k -> new HashSet<>()).add(what);
        }
        if (!(op.answer instanceof Op.Answer.NotRun)) {
          possible.computeIfAbsent(op.key, k -> new HashSet<>()).add(what);
        }
      }
    }
    for (String key : keys.keySet()) {
      long value = store.load(key).value();
      int least = acknowledged.getOrDefault(key, Set.of()).size();
      int most = possible.getOrDefault(key, Set.of()).size();
      that(
          value >= least && value <= most,
          key + " is " + value + ", acknowledged " + least + ", possible " + most);
    }
  }

  /** P1: what callers saw of each key, one copy could have answered. With wrong clocks reads may be of before. */
  void oneCopyAnswered() {
    Map<String, History> histories = new HashMap<>();
    for (Op op : operations.values()) {
      if (config.clocksAreRight() || op.kind == Op.Kind.ADD) {
        histories.computeIfAbsent(op.key, k -> new History()).add(op, savedBy.get(op.id));
      }
    }
    histories.forEach((key, history) -> {
      Linearizability.Verdict verdict = history.verdict();
      that(
          verdict == Linearizability.Verdict.YES,
          "no order of the calls of " + key + " explains the answers: " + verdict);
    });
  }

  boolean allAnswered() {
    return operations.values().stream().allMatch(op -> op.answer != null);
  }

  /** How many operations were answered in which way: ok, not run, unknown. */
  long[] tally() {
    long[] counts = new long[3];
    for (Op op : operations.values()) {
      counts[kind(op.answer)]++;
    }
    return counts;
  }

  private static int kind(Op.@Nullable Answer answer) {
    return switch (answer) {
      case Op.Answer.Ok ignored -> 0;
      case Op.Answer.NotRun ignored -> 1;
      case Op.Answer.Unknown ignored -> 2;
      case null -> 2;
    };
  }
}
