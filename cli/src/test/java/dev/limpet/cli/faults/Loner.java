package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/*
 * Calls that begin while the lease holds may be answered, since nobody else can serve yet. Those that begin after it must
 * be refused, those to processes at home here before all: these are in memory and would be easy to answer. Calls to
 * processes of nodes that cannot be reached must be refused as well, and not by their deadline.
 */
/** A node that is cut off from the others, and what it answers then. For one test thread. */
final class Loner implements AutoCloseable {
  private static final int COUNTERS = 60;
  private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long REFUSING_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final int DEADLINE_MILLIS = 8_000;
  private static final double PROMPT_SECONDS = 3;

  private final FaultyCluster cluster;
  private final NodeChild alone;
  private final String name;
  private final List<String> keys = new ArrayList<>();
  private int refused;
  private double slowest;

  Loner(FaultyCluster cluster, NodeChild alone, String name) {
    this.cluster = cluster;
    this.alone = alone;
    this.name = name;
    for (int i = 0; i < COUNTERS; i++) {
      String key = "alone-" + name + "-" + i;
      keys.add(key);
      assertThat(firstAnswer(key).body()).isEqualTo("7");
    }
    assertThat(keys.stream().filter(key -> FaultyCluster.home(alone, key).equals(alone.id())))
        .as("counters at home on %s", alone.id())
        .hasSizeGreaterThan(5);
  }

  private Answer firstAnswer(String key) {
    Answer answer = Answer.of(alone, key, "add", "{\"n\":7}", DEADLINE_MILLIS);
    if (!answer.saysNoQuorum()) {
      return answer;
    }
    // The machine stood still for longer than a lease, before anything was cut. It has not run.
    cluster.heal();
    return Answer.of(alone, key, "add", "{\"n\":7}", DEADLINE_MILLIS);
  }

  /** The others are gone by now: after a lease and a margin for a busy machine it refuses every call, for a while. */
  void isCutOff() {
    long cut = System.nanoTime();
    while (System.nanoTime() - cut < LEASE_NANOS + MARGIN_NANOS) {
      // While the lease lasts the right value may be told, and nothing else.
      Answer early = Answer.of(alone, keys.getFirst(), "get", "{}", 300);
      assertThat(early.status() == 200 ? early.body() : "7").isEqualTo("7");
    }
    long begun = System.nanoTime();
    for (int i = 0; refused < keys.size() * 2 || System.nanoTime() - begun < REFUSING_NANOS; i++) {
      String key = keys.get(i % keys.size());
      expectRefusal(key, "get", "{}");
      expectRefusal(key, "add", "{\"n\":1}");
    }
    expectRefusal("alone-never-called-" + name, "get", "{}");
    assertThat(alone.isReady()).as("whether it says that it serves").isFalse();
    System.err.println(
        String.format(
            Locale.ROOT,
            "faults: alone by %s: %d calls refused, the slowest after %.2f s",
            name,
            refused,
            slowest));
  }

  private void expectRefusal(String key, String method, String json) {
    Answer answer = Answer.of(alone, key, method, json, DEADLINE_MILLIS);
    assertThat(answer.saysNoQuorum())
        .as("%s of %s, %s on a node without a majority", method, key, answer)
        .isTrue();
    refused++;
    slowest = Math.max(slowest, answer.seconds());
    assertThat(answer.seconds()).as("%s of %s", method, key).isLessThan(PROMPT_SECONDS);
  }

  /** The majority is back, or will be soon: the node serves, and no refused call has run. */
  void isBack() {
    cluster.heal();
    for (String key : keys) {
      Answer answer = Answer.of(alone, key, "get", "{}", DEADLINE_MILLIS);
      assertThat(answer.body()).as("%s, %s", key, answer).isEqualTo("7");
    }
  }

  @Override
  public void close() {
    cluster.nodes().stream().filter(node -> !node.isAlive()).forEach(NodeChild::start);
  }
}
