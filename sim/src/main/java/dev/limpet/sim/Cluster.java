package dev.limpet.sim;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Placement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One run: a cluster, its clients, its faults; then everything is healed, and every key must answer. */
final class Cluster {
  private static final long HEARTBEAT = 100 * Simulation.MS;

  /** What the type of all processes names, if it names a role. */
  static final String ROLE = "host";

  private static final long LEASE = 900 * Simulation.MS;

  /** What it may take until all nodes take part: two leases run out, two elections, a join. */
  private static final long RECOVERY = 12_000 * Simulation.MS;

  private final SimConfig config;
  private final Trace trace;
  private final Simulation sim;
  private final Times times = Times.of(HEARTBEAT, LEASE);
  private final List<SimNode> nodes = new ArrayList<>();
  private final SimNet net;
  private final Checks checks;
  private final SimLog<Command, LedgerState.Result> ledger;
  private final SimLog<SimStore.Entry, SimStore.Reply> store;
  private final Faults faults;
  private final Map<String, Integer> shardOf = new HashMap<>();
  private final long[] lastStop;
  private long operations;
  private final byte[] secret = new byte[16];

  /** What a run came to. */
  record Outcome(
      long hash,
      long events,
      long virtualNanos,
      Map<SimConfig.Fault, Integer> byKind,
      long ok,
      long notRun,
      long unknown) {
    int faults() {
      return byKind.values().stream().mapToInt(n -> n).sum();
    }
  }

  Cluster(long seed, SimConfig config, Consumer<String> live) {
    this.config = config;
    this.trace = new Trace(live);
    this.sim = new Simulation(seed, trace);
    this.lastStop = new long[config.nodes()];
    for (int i = 0; i < config.nodes(); i++) {
      lastStop[i] = -1;
      nodes.add(new SimNode(i, this));
    }
    this.net = new SimNet(sim, nodes, config);
    this.checks = new Checks(sim, nodes, config);
    this.ledger = new SimLog<>("ledger", sim, net, nodes, config.slow(), checks.ledgerOracle());
    this.store = new SimLog<>("store", sim, net, nodes, config.slow(), checks.storeOracle());
    this.faults = new Faults(this);
  }

  /** Runs it to the end; throws what it found with the last lines of the trace. */
  static Outcome run(long seed, SimConfig config, Consumer<String> live) {
    Cluster c = new Cluster(seed, config, live);
    try {
      return c.run();
    } catch (Checks.Violation | RuntimeException e) {
      throw new Failure(seed, config, c.trace.lines(), e);
    }
  }

  static Outcome run(long seed, SimConfig config) {
    return run(seed, config, line -> {});
  }

  /** A run that broke a promise: the seed, and what led to it. */
  static final class Failure extends AssertionError {
    private static final long serialVersionUID = 1L;

    Failure(long seed, SimConfig config, List<String> lines, Throwable cause) {
      super(
          "seed "
              + seed
              + " broke a promise: "
              + cause.getMessage()
              + "\n"
              + config
              + "\n  "
              + String.join("\n  ", lines.subList(Math.max(0, lines.size() - 120), lines.size()))
              + "\nThe same seed is the same run: ./limpet sim --seed "
              + seed,
          cause);
    }
  }

  private Outcome run() {
    start();
    List<SimClient> clients = new ArrayList<>();
    for (int i = 0; i < config.clients(); i++) {
      SimClient client = new SimClient(i, this);
      clients.add(client);
      client.start();
    }
    sim.runUntil(3_000 * Simulation.MS);
    faults.begin();
    sim.runUntil(3_000 * Simulation.MS + config.chaosNanos());
    sim.say("everything is healed");
    faults.heal();
    everyKeyAnswers(nodes, RECOVERY + 20_000 * Simulation.MS);
    allTakePart();
    clients.forEach(SimClient::stop);
    soon(checks::allAnswered, 6_000 * Simulation.MS);
    checks.atTheEnd();
    checks.oneCopyAnswered();
    long[] tally = checks.tally();
    return new Outcome(
        trace.hash(), sim.events(), sim.now(), faults.counts(), tally[0], tally[1], tally[2]);
  }

  /** Forms the cluster and starts every node. */
  void start() {
    sim.random().nextBytes(secret);
    ledger.seed(new Command.Form("simulated", secret, config.shards()));
    int late = config.faults().contains(SimConfig.Fault.GROW) ? (config.nodes() - 1) / 2 : 0;
    for (SimNode n : nodes) {
      if (n.number() < config.nodes() - late) {
        n.start();
      } else {
        sim.after(sim.between(0, config.chaosNanos()), n::startIfDown);
      }
    }
  }

  /** P4: when all is well again, or a majority is, every key answers through each of those nodes. */
  void everyKeyAnswers(List<SimNode> through, long within) {
    List<String> open = new ArrayList<>();
    for (SimNode n : through) {
      for (int k = 0; k < config.keys(); k++) {
        String what = "k" + k + " through " + n.name();
        open.add(what);
        patiently(n, "k" + k, what, open);
      }
    }
    soon(open::isEmpty, within);
    Checks.that(open.isEmpty(), "no answer though all should be well: " + open);
  }

  /** A call may fail while the last faults mend, or wait behind turns of seconds: then it is made again. */
  private void patiently(SimNode n, String key, String what, List<String> open) {
    SimClient.call(
        this,
        n,
        Op.Kind.ADD,
        key,
        "",
        5_000 * Simulation.MS,
        answer -> {
          if (answer instanceof Op.Answer.Ok) {
            open.remove(what);
          } else {
            sim.after(100 * Simulation.MS, () -> patiently(n, key, what, open));
          }
        });
  }

  /** P4: soon after all is well every node is a member, and holds its lease. */
  private void allTakePart() {
    soon(() -> nodes.stream().allMatch(checks::takesPart), RECOVERY);
    for (SimNode n : nodes) {
      Checks.that(checks.takesPart(n), n.name() + " is no member with a lease though all is well");
    }
  }

  /** Runs until something has come about, or the time is over. */
  private void soon(BooleanSupplier what, long within) {
    long end = sim.now() + within;
    while (!what.getAsBoolean() && sim.now() < end) {
      sim.runUntil(Math.min(end, sim.now() + 50 * Simulation.MS));
    }
  }

  SimConfig config() {
    return config;
  }

  Simulation sim() {
    return sim;
  }

  Times times() {
    return times;
  }

  SimNet net() {
    return net;
  }

  Checks checks() {
    return checks;
  }

  SimLog<Command, LedgerState.Result> ledger() {
    return ledger;
  }

  SimLog<SimStore.Entry, SimStore.Reply> store() {
    return store;
  }

  List<SimNode> nodes() {
    return nodes;
  }

  SimNode node(int number) {
    return nodes.get(number);
  }

  /** Of a node on which an event runs. */
  NodeLife lifeOf(int number) {
    return Objects.requireNonNull(nodes.get(number).life());
  }

  int number(String name) {
    return Integer.parseInt(name.substring(1));
  }

  int shardOf(String key) {
    Placement view = checks.ledger().placement();
    if (config.roles() && view.ranges().isEmpty()) {
      return 0; // Nobody has joined yet, and no shard has a home.
    }
    return shardOf.computeIfAbsent(key, k -> view.hashedShardOf(SimStore.id(k)));
  }

  long nextOperation() {
    return ++operations;
  }

  void stopped(SimNode node) {
    lastStop[node.number()] = sim.now();
  }

  /** Whether a node stood still at some time since then. */
  boolean wasStopped(SimNode node, long since) {
    return lastStop[node.number()] >= since;
  }
}
