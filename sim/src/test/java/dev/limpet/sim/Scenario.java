package dev.limpet.sim;

import dev.limpet.core.ledger.Command;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;

/** Single faults on three nodes with a lease of 900 ms; each runs to its end or throws what it found. */
enum Scenario {
  /** Its shards are spread and served within the failover time, and come home. */
  NODE_DIES {
    @Override
    void play(Stage stage, int victim) {
      SimNode dead = stage.cluster.node(victim);
      dead.crash();
      stage.othersAnswer(victim, 3_500);
      Checks.that(
          stage.homes().stream().sorted().toList().equals(List.of(0, 3, 3)),
          "the shards of a dead node are not spread: " + stage.homes());
      dead.start();
      stage.run(6_000);
      stage.allAtHome();
    }
  },
  /** It expires, and the others serve. */
  NODE_HEARS_NOTHING {
    @Override
    void play(Stage stage, int victim) {
      for (int i = 0; i < 3; i++) {
        stage.cluster.net().cut(i, victim, i != victim);
      }
      stage.run(5_000);
      stage.othersAnswer(victim, 6_000);
      stage.hasNoShards(victim);
    }
  },
  /** It hears its acknowledgements, sees no view, and expires all the same. */
  REPLICA_STANDS_STILL {
    @Override
    void play(Stage stage, int victim) {
      int stuck = (stage.cluster.ledger().leader() + 1) % 3;
      stage.cluster.ledger().stall(stuck, true);
      stage.run(5_000);
      stage.othersAnswer(stuck, 6_000);
      stage.hasNoShards(stuck);
      stage.cluster.ledger().stall(stuck, false);
      stage.run(8_000);
      stage.allAtHome();
    }
  },
  /** It renews its lease, and its shards go to others all the same. */
  NODE_LACKS_THE_STORE {
    @Override
    void play(Stage stage, int victim) {
      int lacking = (stage.cluster.store().leader() + 1) % 3;
      stage.cluster.store().stall(lacking, true);
      stage.run(6_000);
      stage.othersAnswer(lacking, 6_000);
      stage.hasNoShards(lacking);
      stage.cluster.store().stall(lacking, false);
      stage.run(8_000);
      stage.allAtHome();
    }
  },
  /**
   * A home's commit is held up, and the process is pinned elsewhere; the home expires, and before anyone has claimed the
   * hashed shard the pin's home serves. Then the commit arrives.
   */
  LATE_COMMIT_MEETS_A_PIN {
    @Override
    void play(Stage stage, int victim) {
      Cluster c = stage.cluster;
      int store = c.store().leader();
      int home = (store + 1) % 3;
      int third = 3 - store - home;
      String key = stage.keyAt(home);
      c.net().clog(home, store, true);
      c.net().clog(third, store, true);
      stage.add(home, key);
      stage.run(20);
      c.lifeOf(home).propose(new Command.Pin(SimStore.id(key), "n" + store), true, r -> {});
      stage.run(60);
      int ledger = c.ledger().leader();
      for (int i = 0; i < 3; i++) {
        if (i != home && i != store) {
          c.net().cut(home, i, true);
        }
      }
      Checks.that(ledger >= 0, "the ledger has a leader");
      stage.run(1_600);
      stage.add(store, key);
      stage.run(300);
      c.net().clog(home, store, false);
      stage.run(1_000);
      c.net().clog(third, store, false);
      stage.run(3_000);
    }
  },
  /** The shards come back with their state. */
  ALL_STOP_AND_START {
    @Override
    void play(Stage stage, int victim) {
      Cluster c = stage.cluster;
      c.everyKeyAnswers(c.nodes(), 3_000 * Simulation.MS);
      c.nodes().forEach(SimNode::crash);
      stage.run(500);
      c.nodes().forEach(SimNode::start);
      c.everyKeyAnswers(c.nodes(), 8_000 * Simulation.MS);
      c.checks().atTheEnd();
    }
  },
  /** Nobody is expired when the majority is back. */
  NO_MAJORITY_FOR_LONG {
    @Override
    void play(Stage stage, int victim) {
      stage.cutAll(true);
      stage.run(10_000);
      int before = stage.trace.size();
      stage.cutAll(false);
      stage.cluster.everyKeyAnswers(stage.cluster.nodes(), 8_000 * Simulation.MS);
      stage.run(3_000);
      Checks.that(
          stage.trace.subList(before, stage.trace.size()).stream()
              .noneMatch(l -> l.contains("expired (reg")),
          "a node was expired though nobody was silent but the network");
    }
  },
  /**
   * A home commits at the very end of its lease, the answer is lost, another home claims the shard, and the commit that
   * is sent again finds the fence, before the former home's view shows why.
   */
  LOST_ANSWER_THEN_EXPIRY {
    @Override
    void play(Stage stage, int victim) {
      Cluster c = stage.cluster;
      Simulation sim = c.sim();
      int ledger = c.ledger().leader();
      int store = c.store().leader();
      int home = 3 - ledger - store;
      if (ledger == store) {
        return;
      }
      c.net().cut(home, ledger, true);
      c.ledger().stall(home, true);
      for (int k = 0; k < c.config().keys(); k++) {
        String key = "k" + k;
        sim.after(
            sim.between(600 * Simulation.MS, 850 * Simulation.MS),
            () ->
                SimClient.call(
                    c, c.node(home), Op.Kind.ADD, key, "", 3_000 * Simulation.MS, answer -> {}));
      }
      sim.after(620 * Simulation.MS, () -> c.net().cut(store, home, true));
      sim.after(1_150 * Simulation.MS, () -> c.net().cut(store, home, false));
      stage.run(5_000);
    }
  };

  abstract void play(Stage stage, int victim);

  /** Throws {@link Checks.Violation} if a promise was broken. */
  void run(long seed) {
    Stage stage = new Stage(seed);
    stage.cluster.start();
    stage.run(6_000);
    stage.allAtHome();
    play(stage, (int) (seed % 3));
  }

  /** A calm cluster whose shards are all at home. */
  static final class Stage {
    final List<String> trace = new ArrayList<>();
    final Cluster cluster;

    Stage(long seed) {
      cluster =
          new Cluster(seed, SimConfig.calm(3).with(EnumSet.of(SimConfig.Fault.CRASH)), trace::add);
    }

    void run(long millis) {
      cluster.sim().runUntil(cluster.sim().now() + millis * Simulation.MS);
    }

    void othersAnswer(int than, long withinMillis) {
      List<SimNode> others = new ArrayList<>(cluster.nodes());
      others.remove(than);
      cluster.everyKeyAnswers(others, withinMillis * Simulation.MS);
    }

    void cutAll(boolean broken) {
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          cluster.net().cut(i, j, broken && i != j);
        }
      }
    }

    /** A key whose home that node is. */
    String keyAt(int node) {
      return IntStream.range(0, 200)
          .mapToObj(k -> "k" + k)
          .filter(k -> cluster.checks().isHome(node, cluster.shardOf(k)))
          .findFirst()
          .orElseThrow();
    }

    void add(int through, String key) {
      SimClient.call(
          cluster,
          cluster.node(through),
          Op.Kind.ADD,
          key,
          "",
          8_000 * Simulation.MS,
          answer -> {});
    }

    /** How many shards each node is home of, as the committed ledger says. */
    List<Integer> homes() {
      return IntStream.range(0, 3)
          .mapToObj(n ->
              (int)
                  IntStream.range(0, cluster.config().shards())
                      .filter(s -> cluster.checks().isHome(n, s))
                      .count())
          .toList();
    }

    void allAtHome() {
      Checks.that(homes().equals(List.of(2, 2, 2)), "shards are not at home: " + homes());
    }

    void hasNoShards(int node) {
      Checks.that(homes().get(node) == 0, "n" + node + " still has shards: " + homes());
    }
  }
}
