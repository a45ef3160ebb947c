package dev.limpet.cli.chaos;

import dev.limpet.cli.chaos.FaultPlan.Planned;
import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.cluster.SmallDisks;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.network.BadNetwork;
import dev.limpet.cli.network.BadNetwork.Direction;
import dev.limpet.cli.network.LinkState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Does to a cluster what was planned, and undoes it. For one thread. */
final class Injector {
  private static final int STOP_SECONDS = 90;
  private static final Duration START_PATIENCE = Duration.ofSeconds(90);
  private static final int LAST_LINES = 5;
  private static final String VOTE_LOST = "raft-meta is empty";
  private static final long[] SHIFT_MILLIS = {300, 5_000, 3_600_000};
  private static final int[] DELAY_MILLIS = {20, 100, 400};
  private static final int[] LOSS_PERCENT = {2, 10, 30};
  private static final int[] FLIP_EVERY_BYTES = {500_000, 100_000, 20_000};
  private static final int[] BYTES_PER_SECOND = {200_000, 50_000, 10_000};

  private final LocalCluster cluster;
  private final @Nullable BadNetwork network;
  private final @Nullable SmallDisks disks;
  private final Clocks clocks;
  private final Set<Integer> befallen = new HashSet<>();
  private final Set<NodeChild> stopping = new HashSet<>();
  private final List<OnLinks> onLinks = new ArrayList<>();

  /** Something that was done, and how to undo it. */
  record Active(String what, Runnable heal) {}

  private record OnLinks(Set<Direction> directions, LinkState state) {}

  /**
   * @param network null if there is only the machine's own, which stays as it is
   * @param disks null if there is only the machine's own
   */
  Injector(
      LocalCluster cluster,
      @Nullable BadNetwork network,
      @Nullable SmallDisks disks,
      Clocks clocks) {
    this.clocks = clocks;
    this.cluster = cluster;
    this.network = network;
    this.disks = disks;
  }

  /** Does it. A node that something befalls already is spared: the next one is taken. */
  Active begin(Planned planned) {
    int node = victim(planned);
    NodeChild child = cluster.nodes().get(node - 1);
    String id = child.id();
    int strength = planned.strength();
    return switch (planned.kind()) {
      case KILL -> {
        child.kill();
        yield befalls(node, "kill -9 of " + id, child::start);
      }
      case STOP -> {
        child.freeze();
        String what = String.format(Locale.ROOT, "SIGSTOP of %s, %d ms", id, planned.holdMillis());
        yield befalls(node, what, child::thaw);
      }
      case WIPE -> {
        child.kill();
        child.loseData();
        yield befalls(node, "data directory of " + id + " lost", child::start);
      }
      case ROLL -> {
        cluster.nodes().forEach(Injector::restart);
        yield new Active("rolling restart", () -> {});
      }
      case CLOCK -> {
        long shift = (node % 2 == 0 ? 1 : -1) * SHIFT_MILLIS[strength];
        clocks.set(child, shift);
        yield befalls(
            node,
            String.format(Locale.ROOT, "wall clock of %s set by %+d ms", id, shift),
            () -> clocks.set(child, 0));
      }
      case DISK -> {
        onDisk(child, () -> disks().fill(child));
        yield befalls(
            node,
            "disk of " + id + " full",
            () -> {
              onDisk(child, () -> disks().makeRoom(child));
              stopping.add(child);
            });
      }
      case HANG -> {
        onDisk(child, () -> disks().hang(child));
        yield befalls(
            node,
            String.format(Locale.ROOT, "disk of %s stands still, %d ms", id, planned.holdMillis()),
            () -> {
              onDisk(child, () -> disks().goOn(child));
              stopping.add(child);
            });
      }
      case FAIL -> {
        onDisk(child, () -> disks().fail(child));
        yield befalls(
            node,
            "disk of " + id + " failed",
            () -> {
              child.kill();
              onDisk(child, () -> disks().repair(child));
              child.start();
            });
      }
      case PARTITION -> {
        Set<Integer> group = group(node, strength);
        yield links(
            "partition: " + group + " without the others",
            Shapes.between(nodes(), group::contains),
            LinkState.STALLED);
      }
      case LEADER ->
          links(id + " cut off, which led", Shapes.around(nodes(), node), LinkState.STALLED);
      case ONEWAY -> {
        Set<Direction> directions =
            strength == 0 ? Shapes.to(nodes(), node) : Shapes.from(nodes(), node);
        yield links(
            strength == 0 ? "nothing arrives at " + id : "nothing arrives from " + id,
            directions,
            LinkState.STALLED);
      }
      case RING ->
          links("neighbours on a ring only", Shapes.acrossRing(nodes()), LinkState.STALLED);
      case DELAY -> {
        int millis = DELAY_MILLIS[strength];
        yield links(
            String.format(Locale.ROOT, "%d to %d ms more each way", millis, 2 * millis),
            Shapes.all(nodes()),
            LinkState.delayed(millis, millis));
      }
      case LOSS ->
          links(
              LOSS_PERCENT[strength] + " % lost around " + id,
              Shapes.around(nodes(), node),
              LinkState.lossy(LOSS_PERCENT[strength]));
      case SLOW ->
          links(
              BYTES_PER_SECOND[strength] + " bytes a second around " + id,
              Shapes.around(nodes(), node),
              LinkState.slow(BYTES_PER_SECOND[strength]));
      case RESET ->
          links("connections of " + id + " reset", Shapes.around(nodes(), node), LinkState.REFUSED);
      case CORRUPT ->
          links(
              "a bit in " + FLIP_EVERY_BYTES[strength] + " bytes flipped around " + id,
              Shapes.around(nodes(), node),
              LinkState.corrupting(FLIP_EVERY_BYTES[strength]));
    };
  }

  /**
   * Starts the nodes again that have stopped by themselves, as a supervisor would: one whose disk was full leaves in
   * good order, and may be about to when there is room again. If it says that its vote was lost, its disk counts as
   * lost, and it gets an empty one, as the documentation of full disks has it.
   */
  void restartStopped() {
    for (NodeChild node : stopping) {
      if (!node.isAlive()) {
        if (node.lastWords(LAST_LINES).stream().anyMatch(line -> line.contains(VOTE_LOST))) {
          node.loseData();
        }
        node.start();
      }
    }
  }

  /** How many bits were flipped so far. */
  long flipped() {
    return network == null ? 0 : network.flipped();
  }

  private int nodes() {
    return cluster.nodes().size();
  }

  private int victim(Planned planned) {
    int wanted = planned.node();
    if (wanted == 0) {
      String leader = cluster.leader();
      wanted = leader == null ? 1 : 1 + cluster.nodes().indexOf(cluster.node(leader));
    }
    if (planned.kind() == FaultKind.LEADER) {
      return wanted;
    }
    for (int i = 0; i < nodes(); i++) {
      int node = 1 + (wanted - 1 + i) % nodes();
      if (!befallen.contains(node)) {
        return node;
      }
    }
    throw new IllegalStateException("something befalls every node already");
  }

  private Active befalls(int node, String what, Runnable heal) {
    befallen.add(node);
    return new Active(
        what,
        () -> {
          befallen.remove(node);
          heal.run();
        });
  }

  /** Some nodes from one on: fewer than half of them, or a single one. */
  private Set<Integer> group(int first, int strength) {
    int size = strength == 0 ? 1 : nodes() / 2;
    Set<Integer> group = new HashSet<>();
    for (int i = 0; i < size; i++) {
      group.add(1 + (first - 1 + i) % nodes());
    }
    return group;
  }

  private Active links(String what, Set<Direction> directions, LinkState state) {
    OnLinks fault = new OnLinks(directions, state);
    onLinks.add(fault);
    set(directions);
    return new Active(
        what,
        () -> {
          onLinks.remove(fault);
          set(directions);
        });
  }

  /** Sets each to all that befalls it now. */
  private void set(Set<Direction> directions) {
    if (network == null) {
      throw new IllegalStateException("there is no network to make bad");
    }
    for (Direction direction : directions) {
      LinkState state = LinkState.GOOD;
      for (OnLinks each : onLinks) {
        if (each.directions.contains(direction)) {
          state = state.and(each.state);
        }
      }
      network.set(direction, state);
    }
  }

  private SmallDisks disks() {
    if (disks == null) {
      throw new IllegalStateException("the nodes have no disks of their own");
    }
    return disks;
  }

  private interface OnDisk {
    void run() throws IOException;
  }

  private static void onDisk(NodeChild node, OnDisk work) {
    try {
      work.run();
    } catch (IOException e) {
      throw Refusal.failed("the disk of " + node.id() + ": " + e.getMessage());
    }
  }

  private static void restart(NodeChild node) {
    if (!node.stop(STOP_SECONDS)) {
      throw Refusal.failed("node " + node.id() + " did not leave within " + STOP_SECONDS + " s");
    }
    node.start();
    LocalCluster.awaitReady(List.of(node), START_PATIENCE);
  }
}
