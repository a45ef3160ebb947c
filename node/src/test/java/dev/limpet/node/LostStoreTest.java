package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Limpet;
import dev.limpet.node.door.Door;
import dev.limpet.node.home.MoveWatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One node of three does not reach the store, as its question to it says; the others do (rule 3). */
@Timeout(120)
class LostStoreTest {
  @TempDir Path directory;

  private static Door.NodeReport of(Limpet asked, String node) {
    return ((Door) asked)
        .nodes().stream().filter(n -> n.node().equals(node)).findFirst().orElseThrow();
  }

  private static boolean home(Limpet asked) {
    return ((Door) asked)
        .nodes().stream()
            .allMatch(n ->
                n.state().equals("member") && n.shards() > 0 && n.shards() == n.shardsPreferred());
  }

  @Test
  void storeOutOfReachOfOneNode_itLosesItsShards_theOthersGoOn_andTheyComeHomeWhenItReachesIt()
      throws Exception {
    List<String> addresses = Trio.freeAddresses(3);
    AtomicBoolean broken = new AtomicBoolean();
    List<Caller<Limpet>> starting = new ArrayList<>();
    for (int n = 0; n < 3; n++) {
      int number = n;
      starting.add(
          Caller.start(() ->
              new ClusteredNode(
                      SteppedNode.settings(
                          "n" + number,
                          directory.resolve("n" + number),
                          addresses.get(number),
                          addresses),
                      MoveWatch.NONE,
                      probe ->
                          () ->
                              number == 1 && broken.get()
                                  ? new CompletableFuture<>()
                                  : probe.begin())
                  .start()));
    }
    List<Limpet> nodes = new ArrayList<>();
    for (Caller<Limpet> each : starting) {
      nodes.add(each.get());
    }
    try {
      Limpet other = nodes.getFirst();
      Caller.until(() -> home(other));
      long before = of(other, "n1").registration();

      broken.set(true);
      Caller.until(() -> "the store".equals(of(other, "n1").lacks()));
      Caller.until(() -> of(other, "n1").registration() != before);
      assertThat(of(other, "n1").shards()).isZero();
      assertThat(of(other, "n0").shards() + of(other, "n2").shards()).isEqualTo(24);
      for (int i = 0; i < 24; i++) {
        assertThat(other.get(Probe.class, "k" + i).act("add")).isEqualTo(1);
      }
      assertThat(of(other, "n1").state())
          .as("it does not join without the store")
          .isEqualTo("away");

      broken.set(false);
      Caller.until(() -> home(other));
      assertThat(of(other, "n1").lacks()).isNull();
      assertThat(nodes.get(1).get(Probe.class, "k7").act("add")).isEqualTo(2);
    } finally {
      List<Caller<Integer>> closing =
          nodes.stream()
              .map(node ->
                  Caller.start(() -> {
                    node.close();
                    return 0;
                  }))
              .toList();
      closing.forEach(Caller::awaitDone);
    }
  }
}
