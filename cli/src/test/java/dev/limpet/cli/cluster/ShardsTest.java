package dev.limpet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardsTest {
  private final Shards shards =
      new Shards(
          List.of(
              new Shards.OfNode("n1", "up", 128, 86),
              new Shards.OfNode("n2", "up", 85, 85),
              new Shards.OfNode("n3", "gone", 0, 0)));

  @Test
  void nodeIsHome_whenItHasAllThatBelongToIt() {
    assertThat(shards.isHome("n2")).isTrue();
    assertThat(shards.isHome("n1")).isFalse();
    assertThat(shards.isHome("n3")).isFalse();
    assertThat(shards.isHome("n4")).isFalse();
    assertThat(shards).hasToString("n1 128, n2 85, n3 0");
  }

  @Test
  void takenPort_isReplacedByAFreeOne() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Integer> ports = Ports.from(taken.getLocalPort(), 2);
      assertThat(ports).hasSize(2).doesNotHaveDuplicates().doesNotContain(taken.getLocalPort(), 0);
    }
  }

  @Test
  void noPortWanted_isAFreeOne_thatNoOutgoingConnectionTakes() {
    List<Integer> ports = new ArrayList<>(Ports.from(0, 3));
    ports.addAll(Ports.from(0, 3));
    assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port > 1_023 && port < 32_768);
  }
}
