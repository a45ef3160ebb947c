package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Counters live on the only node that holds their role; it is killed, comes back, and another one takes its part. */
@Tag("faults")
@Tag("wide")
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class RolesTest {
  private static final Duration START_TIME = Duration.ofSeconds(100);
  private static final List<String> ROLE = List.of("--roles", "count");

  private static String get(NodeChild node, int millis) {
    Answer answer = Answer.of(node, "a", "get", "{}", millis);
    return answer.status() == 200 ? answer.body() : answer.status() + " " + answer.code();
  }

  private static JsonNode role(NodeChild asked) {
    JsonNode cluster = FaultyCluster.ask(asked, "/admin/cluster");
    assertThat(cluster).isNotNull();
    return cluster.path("roles").path(0);
  }

  @Test
  void onlyNodeWithTheRole_killed_isWaitedFor_andReplacedByAnotherThatIsGivenTheRole() {
    try (LocalCluster cluster =
        LocalCluster.layOut(3, 0, 0, FaultyCluster.JVM, List.of("--type-roles", "counter=count"))) {
      NodeChild plain = cluster.node("n1");
      NodeChild second = cluster.node("n2");
      NodeChild only = cluster.node("n3");
      plain.start();
      second.start();
      only.start(ROLE);
      LocalCluster.awaitReady(cluster.nodes(), START_TIME);
      assertThat(Answer.of(plain, "a", "add", "{\"n\":5}", 10_000).body()).isEqualTo("5");
      assertThat(FaultyCluster.home(second, "a")).isEqualTo("n3");
      assertThat(role(plain).path("nodes").path(0).asString("")).isEqualTo("n3");

      only.kill();
      Await.until("it has no home", 40, () -> FaultyCluster.home(plain, "a").isEmpty());
      // It may have led the ledger: until another does, a node may be without a lease itself.
      Await.until("the role is missing", 40, () -> get(plain, 500).equals("503 LMP-2011"));
      assertThat(role(plain).path("nodes").isEmpty()).isTrue();
      only.start(ROLE);
      Await.until("it answers again", 60, () -> get(plain, 5_000).equals("5"));
      assertThat(FaultyCluster.home(second, "a")).isEqualTo("n3");

      assertThat(second.stop(60)).isTrue();
      second.start(ROLE);
      LocalCluster.awaitReady(cluster.nodes(), START_TIME);
      only.kill();
      Await.until("the other has it", 40, () -> FaultyCluster.home(plain, "a").equals("n2"));
      Await.until("it answers there", 60, () -> get(plain, 5_000).equals("5"));
    }
  }

  @Test
  void roleThatNoTypeNames_isRefusedAtTheStart() {
    try (LocalCluster cluster = LocalCluster.layOut(1, 0, 0, FaultyCluster.JVM, List.of())) {
      NodeChild node = cluster.node("n1");
      node.start(List.of("--roles", "vidoe"));
      Await.until("it has given up", 60, () -> !node.isAlive());
      assertThat(String.join("\n", node.lastWords(20))).contains("vidoe", "no hosted type names");
    }
  }
}
