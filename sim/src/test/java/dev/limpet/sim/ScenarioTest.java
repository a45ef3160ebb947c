package dev.limpet.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Single faults, each in a sentence, on three nodes with a lease of 900 ms. */
@Timeout(60)
class ScenarioTest {
  private static final long MS = Simulation.MS;

  private final List<String> trace = new ArrayList<>();
  private Cluster cluster = new Cluster(1, SimConfig.calm(3), new Seams(), trace::add);

  private void settled(long seed) {
    trace.clear();
    cluster = new Cluster(seed, SimConfig.calm(3), new Seams(), trace::add);
    cluster.start();
    run(6_000);
    assertThat(homes()).as("seed " + seed).containsExactly(2, 2, 2);
  }

  private void run(long millis) {
    cluster.sim().runUntil(cluster.sim().now() + millis * MS);
  }

  /** How many shards each node is home of, as the committed ledger says. */
  private List<Integer> homes() {
    return IntStream.range(0, 3)
        .mapToObj(n ->
            (int)
                IntStream.range(0, cluster.config().shards())
                    .filter(s -> {
                      Member home = cluster.checks().ledger().placement().homeOf(s);
                      return home != null && home.name().equals("n" + n);
                    })
                    .count())
        .toList();
  }

  private int other(int than) {
    return (than + 1) % 3;
  }

  @Test
  void nodeDies_itsShardsAreSpreadAndServedWithinTheFailoverTime_andComeHome() {
    for (long seed = 1; seed <= 20; seed++) {
      settled(seed);
      SimNode dead = cluster.node((int) seed % 3);
      dead.crash();
      List<SimNode> living = new ArrayList<>(cluster.nodes());
      living.remove(dead);
      cluster.everyKeyAnswers(living, 3_500 * MS);
      assertThat(homes()).as("seed " + seed).containsExactlyInAnyOrder(0, 3, 3);
      dead.start();
      run(6_000);
      assertThat(homes()).as("seed " + seed).containsExactly(2, 2, 2);
    }
  }

  @Test
  void nodeThatHearsNothing_expires_andTheOthersServe() {
    for (long seed = 1; seed <= 20; seed++) {
      settled(seed);
      int deaf = (int) seed % 3;
      for (int i = 0; i < 3; i++) {
        cluster.net().cut(i, deaf, i != deaf);
      }
      List<SimNode> living = new ArrayList<>(cluster.nodes());
      living.remove(deaf);
      run(3_000);
      cluster.everyKeyAnswers(living, 6_000 * MS);
      assertThat(homes().get(deaf)).as("seed " + seed).isZero();
    }
  }

  @Test
  void nodeWhoseReplicaStandsStill_hearsItsAcknowledgements_andExpiresAllTheSame() {
    for (long seed = 1; seed <= 20; seed++) {
      settled(seed);
      int stuck = other(cluster.ledger().leader());
      cluster.ledger().stall(stuck, true);
      List<SimNode> living = new ArrayList<>(cluster.nodes());
      living.remove(stuck);
      run(3_000);
      cluster.everyKeyAnswers(living, 6_000 * MS);
      assertThat(homes().get(stuck)).as("seed " + seed).isZero();
      cluster.ledger().stall(stuck, false);
      run(8_000);
      assertThat(homes()).as("seed " + seed).containsExactly(2, 2, 2);
    }
  }

  @Test
  void allNodesStopAndStart_theShardsComeBackWithTheirState() {
    for (long seed = 1; seed <= 20; seed++) {
      settled(seed);
      cluster.everyKeyAnswers(cluster.nodes(), 3_000 * MS);
      cluster.nodes().forEach(SimNode::crash);
      run(500);
      cluster.nodes().forEach(SimNode::start);
      cluster.everyKeyAnswers(cluster.nodes(), 8_000 * MS);
      cluster.checks().atTheEnd();
    }
  }

  @Test
  void noMajorityForLong_nobodyIsExpiredWhenItIsBack() {
    for (long seed = 1; seed <= 20; seed++) {
      settled(seed);
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          cluster.net().cut(i, j, i != j);
        }
      }
      run(10_000);
      int before = trace.size();
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          cluster.net().cut(i, j, false);
        }
      }
      cluster.everyKeyAnswers(cluster.nodes(), 8_000 * MS);
      assertThat(trace.subList(before, trace.size()))
          .as("seed " + seed)
          .noneMatch(l -> l.contains("expired (reg"));
    }
  }
}
