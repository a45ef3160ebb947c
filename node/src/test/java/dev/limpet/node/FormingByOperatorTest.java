package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.Limpet;
import dev.limpet.StartFailed;
import dev.limpet.node.door.Door;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two of three seeds, and a word of the operator. */
@Timeout(90)
class FormingByOperatorTest {
  @TempDir Path directory;

  @Test
  void majority_withForm_formsACluster_thatTheMissingSeedJoinsLater() throws Exception {
    try (Trio trio = new Trio(directory)) {
      Caller<Limpet> first = Caller.start(() -> trio.builder(0).start());
      Caller<Limpet> second = Caller.start(() -> trio.builder(1).form(true).start());
      try (Limpet one = first.get();
          Limpet two = second.get();
          Limpet three = trio.builder(2).start()) {
        String cluster = ((Door) one).cluster().clusterId();
        assertThat(((Door) two).cluster().clusterId()).isEqualTo(cluster);
        assertThat(((Door) three).cluster().clusterId()).isEqualTo(cluster);
        // The third has no vote at first, and gets one: three members want three voters.
        Caller.until(((LimpetNode) three)::votes);
        assertThat(three.get(Probe.class, "k").act("add")).isEqualTo(1);
        assertThat(one.get(Probe.class, "k").act("add")).isEqualTo(2);
      }
    }
  }

  @Test
  void seedThatRefusesThisNode_keepsItFromNoOther_andEndsItWhenItIsTheOnlyOne() {
    try (Trio trio = new Trio(directory);
        Limpet other = trio.builder(3).cluster("other").seeds(trio.addresses.get(3)).start();
        Limpet ours = trio.builder(4).seeds(trio.addresses.get(4)).start();
        Limpet joined =
            trio.builder(5).seeds(trio.addresses.get(3), trio.addresses.get(4)).start()) {
      assertThat(((Door) joined).cluster().clusterId())
          .isEqualTo(((Door) ours).cluster().clusterId())
          .isNotEqualTo(((Door) other).cluster().clusterId());
      assertThatThrownBy(() -> trio.builder(0).seeds(trio.addresses.get(3)).start())
          .isInstanceOf(StartFailed.class)
          .hasMessageContaining("is not for this node")
          .hasMessageContaining("this is cluster other");
    }
  }
}
