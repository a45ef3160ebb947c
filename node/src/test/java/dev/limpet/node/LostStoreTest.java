package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.Proposer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One node of three does not reach the store; the others do (rule 3). */
@Timeout(120)
class LostStoreTest {
  private static final int KEYS = 12;
  private static final Duration LEASE = Duration.ofMillis(1_500);

  /** Before the node is let go two leases pass, then its lease ends; and the way to a new home. */
  private static final double LEASES_MAX = 5;

  @TempDir Path directory;

  /** The way to the store; while it is broken, what is sent is lost, and nobody answers. */
  private static Proposer breakable(Proposer way, AtomicBoolean broken) {
    return (entry, timeout) -> broken.get() ? lost(timeout) : way.propose(entry, timeout);
  }

  private static CompletableFuture<Applied> lost(Duration timeout) {
    Executor later = CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    return CompletableFuture.supplyAsync(
        () -> {
          throw new LogException("no answer", true);
        },
        later);
  }

  @Test
  void storeOutOfReachOfOneNode_itLosesItsShards_theOthersGoOn_andTheyComeHomeWhenItReachesIt()
      throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    try (Three nodes =
            Three.start(
                directory,
                LEASE,
                n -> n == 1 ? Seams.NONE.withStore(way -> breakable(way, broken)) : Seams.NONE);
        Three.Calling calling = nodes.new Calling(KEYS, Duration.ofMillis(500))) {
      long before = nodes.of("n1").registration();
      Set<String> there = new TreeSet<>();
      for (int k = 0; k < KEYS; k++) {
        if ("n1".equals(nodes.home("k" + k))) {
          there.add("k" + k);
        }
      }
      assertThat(there).as("keys at home on n1").isNotEmpty();
      calling.awaitMore(200);

      broken.set(true);
      Caller.until(() -> "the store".equals(nodes.of("n1").lacks()));
      Caller.until(() -> nodes.of("n1").registration() != before);
      assertThat(nodes.of("n1").shards()).isZero();
      assertThat(nodes.of("n0").shards() + nodes.of("n2").shards()).isEqualTo(24);
      calling.awaitMore(500);
      assertThat(nodes.of("n1").state()).as("it does not join without the store").isEqualTo("away");

      broken.set(false);
      nodes.awaitHome();
      assertThat(nodes.of("n1").lacks()).isNull();
      calling.awaitMore(200);
      Map<String, Double> gaps = calling.longestSeconds();
      double lease = LEASE.toMillis() / 1e3;
      double longest = there.stream().mapToDouble(gaps::get).max().orElseThrow();
      double elsewhere =
          gaps.entrySet().stream()
              .filter(gap -> !there.contains(gap.getKey()))
              .mapToDouble(Map.Entry::getValue)
              .max()
              .orElseThrow();
      System.err.printf(
          Locale.ROOT,
          "store out of reach of one node: longest gap of a key there %.1f s (%.1f leases), of one"
              + " elsewhere %.2f s%n",
          longest,
          longest / lease,
          elsewhere);
      assertThat(longest).isLessThan(LEASES_MAX * lease);
      assertThat(elsewhere).isLessThan(lease);
    }
  }
}
