package dev.limpet.sim;

import static dev.limpet.mutant.Mutant.core;
import static dev.limpet.mutant.Mutant.engine;
import static dev.limpet.mutant.Mutant.sim;
import static dev.limpet.sim.SeedTrial.chaos;
import static dev.limpet.sim.SeedTrial.scenario;
import static dev.limpet.sim.SeedTrial.seed;

import dev.limpet.mutant.Mutant;
import dev.limpet.sim.SimConfig.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The rules of the protocol, each broken in one way or more. */
final class Mutants {
  private static final String TWO_HOMES = "begins a turn|answers";
  private static final String UNSAVED =
      "not saved|saved twice|did not run|stands|before it is saved|answered|it began";

  private final List<Mutant> all = new ArrayList<>();

  private Mutants() {
    leases();
    evidence();
    commits();
    moves();
    pins();
    roles();
    forming();
    namedSeeds();
  }

  static List<Mutant> all() {
    return List.copyOf(new Mutants().all);
  }

  private void add(String rule, String name, SeedTrial trial, String found, Mutant.Edit... edits) {
    all.add(new Mutant(name, rule, List.of(edits), trial, Pattern.compile(found)));
  }

  private void leases() {
    add(
        "1",
        "an ended registration is renewed and its node does not hear of the end",
        chaos(3, Fault.ISOLATE, Fault.PAUSE),
        "is no member|no answer",
        core("ledger/LedgerState.java", "accepted.add(false);", "accepted.add(true);"),
        core(
            "node/Membership.java",
            "if (registration != 0 && applied >= registration && !view",
            "if (registration < 0 && applied >= registration && !view"));
    add(
        "2",
        "an acknowledgement counts before the view has got there",
        scenario(Scenario.REPLICA_STANDS_STILL),
        "no answer|still has shards",
        core("lease/Lease.java", "if (g.index <= viewIndex) {", "if (g.index > 0) {"));
    add(
        "2",
        "the lease runs from the receipt of the acknowledgement",
        chaos(3, Fault.CLOG, Fault.LOSS),
        TWO_HOMES,
        core(
            "lease/Lease.java", "private long viewIndex;", "private long viewIndex; long heardAt;"),
        core("lease/Lease.java", "s.at + times.lease()", "heardAt + times.lease()"),
        core(
            "node/Membership.java",
            "    lease.acknowledged(sequence, index);",
            "    lease.heardAt(now);\n    lease.acknowledged(sequence, index);"),
        core(
            "lease/Lease.java",
            "  public long registration() {",
            "  public void heardAt(long now) {\n    heardAt = now;\n  }\n\n"
                + "  public long registration() {"));
    add(
        "P3",
        "turns begin without a lease",
        chaos(3, Fault.ISOLATE),
        TWO_HOMES,
        core("node/Membership.java", "lease != null && lease.holds(now)", "lease != null"));
    add(
        "3",
        "renewals of a node that sees no acknowledgement go on",
        scenario(Scenario.NODE_HEARS_NOTHING),
        "no answer|still has shards|not at home",
        core("lease/Grantor.java", "if (oldest != null && now", "if (oldest == null && now"),
        core("lease/Grantor.java", "Math.max(oldest.getValue(), leadingSince)", "leadingSince"));
    add(
        "3",
        "a node that does not reach the store keeps its shards",
        scenario(Scenario.NODE_LACKS_THE_STORE),
        "no answer|still has shards",
        core(
            "lease/Grantor.java",
            "if (!r.reach().all() && lacksForLong(r.registration(), now)) {",
            "if (r.sequence() < 0) {"));
    add(
        "4",
        "a new leader does not know the last renewals",
        chaos(3, Fault.DEPOSE, Fault.CRASH),
        TWO_HOMES,
        core(
            "lease/Grantor.java",
            "    leading = true;\n",
            "    leading = true;\n    heard.values().forEach(h -> h.at = now - 2 * times.grace());\n"),
        core("lease/Grantor.java", "now - leadingSince > 2 * times.heartbeat() && ", ""));
    add(
        "4",
        "a member expires before its lease has run out",
        chaos(3, Fault.ISOLATE, Fault.SLOW_DISK),
        TWO_HOMES,
        core("lease/Grantor.java", "now - h.at > times.grace()", "now - h.at > times.lease() / 2"));
    add(
        "4",
        "an expiry counts though a renewal has overtaken it",
        chaos(3, Fault.LATE_EXPIRY),
        TWO_HOMES,
        core("ledger/LedgerState.java", "if (m.sequence() > c.sequenceSeen()) {", "if (false) {"));
    add(
        "5",
        "a suspended machine goes on with the lease that it had",
        chaos(3, Fault.SUSPEND),
        TWO_HOMES,
        core(
            "node/Membership.java",
            "    List<Action> out = new ArrayList<>();\n    woke(out, now);\n    return edge(out, now);",
            "    List<Action> out = new ArrayList<>();\n    return edge(out, now);"));
    add(
        "5",
        "an acknowledgement of a renewal from before the pause counts",
        chaos(3, Fault.SUSPEND, Fault.LOSS),
        TWO_HOMES,
        core("lease/Lease.java", "s.at >= notBefore ? ", "s.at >= Long.MIN_VALUE ? "),
        core("lease/Lease.java", "notBefore = now;\n    until = NEVER;", "notBefore = now;"));
  }

  private void evidence() {
    add(
        "6",
        "one report of a refused port is enough",
        chaos(3, Fault.FALSE_REPORT),
        TWO_HOMES,
        core("lease/DeathReports.java", "testify > view.members().size() / 2", "testify > 0"));
    add(
        "6",
        "a port that does not answer is taken for one that refuses",
        chaos(3, Fault.ONE_WAY, Fault.ISOLATE),
        TWO_HOMES,
        sim(
            "NodeLife.java",
            "answeredAt.putIfAbsent(m.name(), now);",
            "answeredAt.putIfAbsent(m.name(), now);\n"
                + "if (!cluster.net().open(node.number(), to)) {\n  refused.run();\n}"));
  }

  private void commits() {
    add(
        "13",
        "an idempotency key is forgotten early",
        chaos(3, Fault.CRASH, Fault.CLOG, Fault.LOSS),
        "under its idempotency key",
        sim(
            "SimStore.java",
            "      more.put(idempotencyKey, value + 1);",
            "      more.clear();\n      more.put(idempotencyKey, value + 1);"));
    add(
        "13",
        "an idempotency key is not saved with the state",
        chaos(3, Fault.CRASH, Fault.ISOLATE),
        "under its idempotency key",
        sim(
            "SimStore.java",
            "return saved.getOrDefault(key, Saved.NOTHING);",
            "return new Saved(saved.getOrDefault(key, Saved.NOTHING).value(), Map.of());"));
    add(
        "9",
        "a load reads a replica that is behind the claim",
        chaos(3, Fault.STALL, Fault.CRASH, Fault.ISOLATE),
        UNSAVED,
        core("home/HomeShard.java", "new Open(epoch, claim, index)", "new Open(epoch, claim, 0)"));
    add(
        "9",
        "a claim below the fence is granted",
        chaos(3, Fault.CLOG, Fault.PAUSE, Fault.LOSS),
        "a claim below",
        core("fence/Fence.java", "if (epoch > this.epoch) {", "if (epoch != this.epoch) {"));
    add(
        "10",
        "the fence does not look at the epoch",
        chaos(3, Fault.CLOG, Fault.PAUSE, Fault.LOSS),
        UNSAVED,
        core("fence/Fence.java", "if (epoch != this.epoch || number", "if (number"),
        core(
            "fence/Fence.java",
            "? PartDecision.ACCEPTED : PartDecision.GAP",
            "? PartDecision.ACCEPTED : PartDecision.ACCEPTED"));
    add(
        "10",
        "the fence does not look at the claim number",
        chaos(3, Fault.CLOG, Fault.PAUSE, Fault.LOSS),
        UNSAVED,
        core("fence/Fence.java", " || number != this.number || this", " || this"),
        core(
            "fence/Fence.java",
            "? PartDecision.ACCEPTED : PartDecision.GAP",
            "? PartDecision.ACCEPTED : PartDecision.ACCEPTED"));
    add(
        "10",
        "a repeat is saved again",
        chaos(3),
        "saved twice",
        core(
            "fence/Fence.java",
            "return PartDecision.ALREADY_APPLIED;",
            "return PartDecision.ACCEPTED;"));
    add(
        "10",
        "no new claim number after an unknown outcome",
        chaos(3),
        UNSAVED,
        core(
            "home/HomeShard.java",
            "claim(epoch, claim + 1).getFirst()",
            "claim(epoch, claim).getFirst()"));
    add(
        "10",
        "fenced as the answer to a re-sent commit is taken for not run",
        scenario(Scenario.LOST_ANSWER_THEN_EXPIRY),
        "did not run",
        core(
            "home/CommitLane.java",
            "batch.sentBefore ? Fate.UNKNOWN : Fate.NOT_SAVED",
            "Fate.NOT_SAVED"));
    add(
        "11",
        "a reply leaves before its commit",
        chaos(3),
        "before it is saved",
        sim(
            "Turns.java",
            "commit.replies.add(new SimShard.Answerable(w, after.value()));",
            "homes.answer(new SimShard.Answerable(w, after.value()), open.epoch());"));
    add(
        "11",
        "a read shows what is not saved yet",
        chaos(3),
        "not saved",
        sim("Turns.java", "if (last != null && !last.over) {", "if (last != null && p.busy) {"));
    add(
        "14",
        "a turn without a commit does not look at the lease at its end",
        chaos(3, Fault.PAUSE),
        "answers",
        sim("Turns.java", "if (!adds && !mayStill) {", "if (!adds && s == null) {"));
  }

  private void moves() {
    add(
        "15",
        "memory is used whether or not the release names it, or the state is another",
        chaos(3, Fault.MOVES, Fault.LOSS, Fault.STALL),
        "is stale",
        core("home/Arrivals.java", "image == 0 || arrival.image != image || ", ""),
        core(
            "home/Arrivals.java",
            "if (registration == 0\n",
            "if (arrival == null && registration == 0\n"),
        core(
            "home/Arrivals.java",
            "          || arrival == null\n          || (!early && (at == null || !awaited(at, arrival, registration)))",
            ""),
        core("home/Arrivals.java", "return as.equals(state);", "return true;"));
    add(
        "P5",
        "a planned move leaves the memory behind",
        chaos(3, Fault.MOVES, Fault.DRAIN),
        "lost its memory",
        core(
            "home/HomeShard.java",
            "return List.of(new Action.Release(t.move(), image));",
            "return List.of(new Action.Release(t.move(), 0));"));
    add(
        "16",
        "a shard that does not become quiet stays frozen",
        chaos(3, Fault.MOVES, Fault.CRASH),
        "is frozen for too long",
        core(
            "home/HomeShard.java",
            "    if (tenure instanceof Freezing t\n        && nowNanos",
            "    if (tenure instanceof Freezing t && shard < 0\n        && nowNanos"));
    add(
        "15",
        "the source serves on while the release is under way",
        chaos(3, Fault.MOVES),
        TWO_HOMES + "|lost its memory",
        core(
            "home/HomeShard.java",
            "tenure = new Renounced(t.open(), t.move(), image);",
            "tenure = t.open();"));
    add(
        "15",
        "a source that has renounced goes on by itself",
        chaos(3, Fault.MOVES, Fault.CRASH),
        TWO_HOMES,
        core(
            "home/HomeShard.java",
            "  public List<Action> tick(long nowNanos) {",
            "  public List<Action> tick(long nowNanos) {\n"
                + "    if (tenure instanceof Renounced r) {\n      return serve(r.open());\n    }"));
    add(
        "15",
        "a release is taken for any move of the shard",
        chaos(3, Fault.MOVES),
        TWO_HOMES + "|lost its memory",
        core(
            "ledger/LedgerState.java",
            "move.id() == r.move() && at(r.shard()).home() == c.registration()",
            "at(r.shard()).home() == c.registration()"));
    add(
        "15",
        "an expiry does not void the moves to the node",
        chaos(3, Fault.MOVES, Fault.ISOLATE),
        "home is a member",
        core(
            "ledger/LedgerState.java",
            "(move.target() == registration || at(s).home() == registration)",
            "move.id() < 0"));
  }

  private void roles() {
    add(
        "P1",
        "every node is taken for one that holds the role",
        SeedTrial.ROLES,
        "does not hold the role",
        core(
            "ledger/Member.java",
            "return role.isEmpty() || roles.contains(role);",
            "return true;"));
  }

  private void forming() {
    String two = "two clusters";
    add(
        "8",
        "two halves form a cluster each",
        SeedTrial.FOUNDING,
        two,
        core("forming/Proposal.java", "promised.size() <= seeds / 2", "promised.isEmpty()"));
    add(
        "8",
        "an attempt does not go on with what an earlier one may have concluded",
        SeedTrial.FOUNDING,
        two,
        core(
            "forming/Proposal.java",
            "if (before != null && !(all",
            "if (before != null && seeds < 0 && !(all"));
    add(
        "8",
        "a seed accepts below what it has promised",
        SeedTrial.FOUNDING,
        two,
        core(
            "forming/Acceptor.java",
            "return formed != null || ballot.compareTo(promised) < 0 || !pact",
            "return formed != null || !pact"));
  }

  private void pins() {
    SeedTrial trial = chaos(3, Fault.PINS, Fault.MOVES, Fault.LOSS, Fault.ISOLATE, Fault.PAUSE);
    String wrongHands = "while it belongs to|" + UNSAVED + "|" + TWO_HOMES;
    add(
        "12",
        "a late commit of the hashed shard passes the pin",
        scenario(Scenario.LATE_COMMIT_MEETS_A_PIN),
        wrongHands,
        engine("PinTable.java", "return row != null && !row.fence.ended();", "return false;"));
    add(
        "12",
        "a pin is claimed before the last commit of the hashed shard's home is answered",
        trial,
        "stale|" + wrongHands,
        sim(
            "PinSwap.java",
            "if (pin == null || from == null || from.ownedEpoch == 0) {",
            "if (true) {"));
    add(
        "12",
        "a pin that moves on is ended all the same",
        chaos(3, Fault.MOVES, Fault.DRAIN, Fault.PINS),
        "lost its memory",
        sim("PinSwap.java", "        && pin.at().move() == null\n", ""));
    add(
        "P5",
        "what came along is taken out before the process that was being loaded has had it",
        chaos(3, Fault.MOVES, Fault.DRAIN, Fault.PINS),
        "lost its memory",
        sim(
            "PinSwap.java",
            "    awaitLeft(from, from.generation, key, p, then);",
            "    SimShard.@Nullable Memory early = from.arrived.remove(key);\n"
                + "    awaitLeft(from, from.generation, key, p, m -> then.accept(m == null ? early : m));"));
    add(
        "15",
        "a pin does not await the opening of its hashed shard, whose memory has arrived",
        chaos(3, Fault.MOVES, Fault.DRAIN, Fault.PINS),
        "lost its memory",
        sim(
            "PinSwap.java",
            "from != null && from.machine.tenure() instanceof Tenure.Claiming;",
            "false;"));
  }

  /** What those seeds found, with its mend taken out again. */
  private void namedSeeds() {
    add(
        "P5",
        "a pin does not await the opening of its hashed shard",
        seed(NamedSeed.PINNED_BEFORE_ITS_SHARD_IS_OPEN),
        "lost its memory",
        sim(
            "PinSwap.java",
            "from != null && from.machine.tenure() instanceof Tenure.Claiming;",
            "false;"));
    add(
        "5",
        "a machine that has just woken up is taken for one that serves",
        seed(NamedSeed.WOKEN_UP_BEFORE_IT_LOOKED_AT_ITS_CLOCKS),
        TWO_HOMES,
        sim("SimNode.java", "life.wouldBegin()", "life.holds()"));
    add(
        "P5",
        "late answers of commits make a home claim anew though all is planned",
        seed(NamedSeed.CLAIMED_ANEW_THOUGH_ALL_IS_PLANNED),
        "lost its memory",
        sim("Saves.java", " || cluster.config().isPlanned()", ""));
    add(
        "P4",
        "a call that waited behind turns of seconds is not made again",
        seed(NamedSeed.WAITED_BEHIND_LONG_TURNS),
        "no answer",
        sim(
            "Cluster.java",
            "            sim.after(100 * Simulation.MS, () -> patiently(n, key, what, open));\n",
            ""));
  }
}
