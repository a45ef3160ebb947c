package dev.limpet.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.StartFailed;
import dev.limpet.spi.Evidence;
import dev.limpet.spi.NodeSettings;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.spi.Roles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodePlanTest {
  @Test
  void nothingGiven_isOneNodeOnLoopback() {
    assertThat(NodePlan.of(Map.of()))
        .isEqualTo(
            new NodePlan(
                "n1",
                Path.of(".limpet/n1"),
                "127.0.0.1:7201",
                "limpet",
                "127.0.0.1:7101",
                List.of(),
                List.of(),
                Optional.empty(),
                false,
                RefusedPorts.LOOPBACK,
                EnumSet.allOf(Evidence.class),
                false,
                Roles.NONE,
                NodeSettings.Timing.DEFAULT));
  }

  @Test
  void roles_areNames_andThoseOfTypesArePairs() {
    Roles roles =
        NodePlan.of(Map.of("roles", "video, api", "type-roles", "video=video,room=")).roles();
    assertThat(roles.held()).containsExactly("api", "video");
    assertThat(roles.ofTypes()).isEqualTo(Map.of("video", "video", "room", ""));
    for (String bad : List.of("Video", "a b", "-x", "é", "x".repeat(64))) {
      assertThatThrownBy(() -> NodePlan.of(Map.of("roles", bad)))
          .isInstanceOf(StartFailed.class)
          .hasMessageContaining("a role must be");
      assertThatThrownBy(() -> NodePlan.of(Map.of("type-roles", "video=" + bad)))
          .isInstanceOf(StartFailed.class)
          .hasMessageContaining("a role must be");
    }
    for (String bad : List.of("video", "=video", "video=a,video=b")) {
      assertThatThrownBy(() -> NodePlan.of(Map.of("type-roles", bad)))
          .isInstanceOf(StartFailed.class)
          .hasMessageContaining("TYPE=ROLE");
    }
  }

  @Test
  void refusedPorts_areWhenTheyCount() {
    assertThat(NodePlan.of(Map.of("refused-ports", "never")).refusedPorts())
        .isEqualTo(RefusedPorts.NEVER);
    assertThatThrownBy(() -> NodePlan.of(Map.of("refused-ports", "sometimes")))
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("loopback, always or never");
  }

  @Test
  void evidence_isAListOfKinds_orNone() {
    assertThat(NodePlan.of(Map.of("evidence", "child")).evidence()).containsExactly(Evidence.CHILD);
    assertThat(NodePlan.of(Map.of("evidence", "child, lock")).evidence())
        .containsExactlyInAnyOrder(Evidence.values());
    assertThat(NodePlan.of(Map.of("evidence", "none")).evidence()).isEmpty();
    for (String bad : List.of("", "all", "lock,rumours")) {
      assertThatThrownBy(() -> NodePlan.of(Map.of("evidence", bad)))
          .isInstanceOf(StartFailed.class)
          .hasMessageContaining("--evidence must be");
    }
  }

  @Test
  void lists_areSplitAtCommas() {
    NodePlan plan = NodePlan.of(Map.of("seeds", "a:1, b:2,c:3", "app", "x.jar,y.jar"));
    assertThat(plan.seeds()).containsExactly("a:1", "b:2", "c:3");
    assertThat(plan.apps()).containsExactly(Path.of("x.jar"), Path.of("y.jar"));
  }

  @Test
  void times_areMilliseconds() {
    NodePlan plan = NodePlan.of(Map.of("heartbeat", "100", "lease", "900"));
    assertThat(plan.timing().heartbeat()).isEqualTo(Duration.ofMillis(100));
    assertThat(plan.timing().lease()).isEqualTo(Duration.ofMillis(900));
  }

  @Test
  void httpForOtherMachines_needsInsecure() {
    assertThatThrownBy(() -> NodePlan.of(Map.of("http", "0.0.0.0:7101")))
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("--insecure");
    assertThat(NodePlan.of(Map.of("http", "0.0.0.0:7101", "insecure", "true")).http())
        .isEqualTo("0.0.0.0:7101");
    assertThat(NodePlan.of(Map.of("http", "[::1]:7101")).http()).isEqualTo("[::1]:7101");
  }
}
