package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** What an operator does to a cluster under load, chosen by a seed. */
final class PlannedChanges {
  private static final int MOVED_SECONDS = 30;
  private static final int PINNED = Integer.getInteger("limpet.pins", 30);
  private static final int STOP_SECONDS = 30;

  private final FaultyCluster cluster;
  private final CalmCrowd crowd;
  private final String name;
  private final long seed;
  private final SplittableRandom random;
  private final Set<String> pinned = new TreeSet<>();

  /**
   * Does nothing yet.
   *
   * @param name that of the crowd, with which the keys of its processes begin
   */
  PlannedChanges(FaultyCluster cluster, CalmCrowd crowd, String name, long seed) {
    this.cluster = cluster;
    this.crowd = crowd;
    this.name = name;
    this.seed = seed;
    random = new SplittableRandom(seed);
  }

  /** A node is drained, processes are pinned and given back, and then some nodes are stopped and started again. */
  void round(String which, List<NodeChild> restarted) {
    drain(cluster.nodes().get(random.nextInt(cluster.nodes().size())));
    pinAndUnpin();
    restarted.forEach(this::restart);
    System.err.printf(
        Locale.ROOT,
        "planned: round %s, seed %d: %d calls, %d turned away by a node that stopped;"
            + " longest wait of a process p50 %.0f ms, p99 %.0f ms, max %.0f ms%n",
        which,
        seed,
        crowd.calls(),
        crowd.turnedAway(),
        crowd.pauseMillis(50),
        crowd.pauseMillis(99),
        crowd.pauseMillis(100));
  }

  private void drain(NodeChild node) {
    NodeChild asked = cluster.others(node).getFirst();
    FaultyCluster.command(asked, "/admin/drain/" + node.id());
    awaitEmpty(asked, node);
    FaultyCluster.command(asked, "/admin/undrain/" + node.id());
    cluster.awaitHome();
  }

  private static void awaitEmpty(NodeChild asked, NodeChild node) {
    Await.until(
        node.id() + " is empty",
        MOVED_SECONDS,
        () -> FaultyCluster.member(asked, node).path("shards").asInt(-1) == 0);
  }

  /** Gives some processes homes of their own, among them some that live only in memory, and most of them back. */
  private void pinAndUnpin() {
    List<NodeChild> nodes = cluster.nodes();
    for (int i = 0; i < PINNED; i++) {
      String process = (i % 2 == 0 ? "counter/" : "visits/") + name + random.nextInt(50);
      NodeChild asked = nodes.get(random.nextInt(nodes.size()));
      String node = nodes.get(random.nextInt(nodes.size())).id();
      FaultyCluster.command(asked, "/admin/move/" + process + "/" + node);
      pinned.add(process);
      if (random.nextInt(4) != 0) {
        FaultyCluster.command(asked, "/admin/unpin/" + process);
        pinned.remove(process);
      }
    }
  }

  /** Gives all processes back that have a home of their own. */
  void unpinAll() {
    pinned.forEach(p -> FaultyCluster.command(cluster.leader(), "/admin/unpin/" + p));
    pinned.clear();
  }

  private void restart(NodeChild node) {
    stop(node);
    node.start();
    cluster.heal();
    crowd.stops(node.http(), false);
  }

  private void stop(NodeChild node) {
    crowd.stops(node.http(), true);
    assertThat(node.stop(STOP_SECONDS)).as(node.id() + " drains and leaves by itself").isTrue();
  }

  /** A node is drained and stopped, and its name given up. */
  void leaveForGood(NodeChild node) {
    NodeChild asked = cluster.nodes().getFirst();
    FaultyCluster.command(asked, "/admin/drain/" + node.id());
    awaitEmpty(asked, node);
    stop(node);
    FaultyCluster.command(asked, "/admin/forget/" + node.id());
    Await.until(
        node.id() + " is forgotten",
        MOVED_SECONDS,
        () -> FaultyCluster.member(asked, node).isEmpty());
  }
}
