package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CallRefused;
import dev.limpet.node.door.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of three that grows by nodes that were not there when it formed, and by ones that lost their disk. */
@Timeout(120)
class GrowingTest {
  @TempDir Path directory;

  private static void empty(Path data) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static String clusterOf(Trio trio, int node) {
    return ((Door) trio.node(node)).cluster().clusterId();
  }

  @Test
  void fourthAndFifth_joiningLater_takeTheirShareAndCallBothWays() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      for (int i = 0; i < 10; i++) {
        trio.node(0).get(Probe.class, "old" + i).act("add");
      }
      trio.start(3);
      trio.start(4);
      assertThat(List.of(clusterOf(trio, 3), clusterOf(trio, 4))).containsOnly(clusterOf(trio, 0));
      String atFourth = trio.keyOn(3);
      String atFirst = trio.keyOn(0);
      for (int i = 1; i <= 5; i++) {
        assertThat(trio.node(i - 1).get(Probe.class, atFourth).act("add")).isEqualTo(i);
        assertThat(trio.node(5 - i).get(Probe.class, atFirst).act("add")).isEqualTo(i);
      }
      // What was saved before they came is there, wherever it lives now.
      for (int i = 0; i < 10; i++) {
        assertThat(trio.node(3).get(Probe.class, "old" + i).act("add")).isEqualTo(2);
      }
    }
  }

  @Test
  void nodeWithoutAReplica_whenAVoterDies_goesOnAndComesBackItself() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      trio.start(3);
      String key = trio.keyOn(3);
      assertThat(trio.node(3).get(Probe.class, key).act("add")).isEqualTo(1);
      trio.stop(0);
      assertThat(trio.node(3).get(Probe.class, key).act("add")).isEqualTo(2);
      trio.stop(3);
      assertThat(trio.node(1).get(Probe.class, key).act("add")).isEqualTo(3);
      trio.start(3);
      assertThat(trio.node(3).get(Probe.class, key).act("add")).isEqualTo(4);
    }
  }

  @Test
  void seed_whoseDirectoryWasEmptied_comesBackAsANewMember() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      String cluster = clusterOf(trio, 0);
      String key = trio.keyOn(2);
      assertThat(trio.node(0).get(Probe.class, key).act("add")).isEqualTo(1);
      trio.stop(2);
      empty(trio.data(2));
      trio.start(2);
      assertThat(clusterOf(trio, 2)).isEqualTo(cluster);
      assertThat(trio.node(2).get(Probe.class, key).act("add")).isEqualTo(2);
      assertThat(trio.home(0, key)).isEqualTo("n2");
    }
  }

  @Test
  void nodeWithoutAReplica_isToldTheLedgersDecisionsLikeAVoter() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      trio.start(3);
      List<Door.Line> told = new CopyOnWriteArrayList<>();
      List<Door.Line> toldToVoter = new CopyOnWriteArrayList<>();
      Door joined = (Door) trio.node(3);
      try (AutoCloseable _ = joined.watch(told::add);
          AutoCloseable _ = ((Door) trio.node(0)).watch(toldToVoter::add)) {
        joined.drain("n1");
        joined.undrain("n1");
        Caller.until(() -> !between(told).isEmpty() && !between(toldToVoter).isEmpty());
      }
      assertThat(between(told)).isEqualTo(between(toldToVoter));
    }
  }

  /** From the line that says that n1 is drained to the one that says that it is not any more; empty without these. */
  private static List<Door.Line> between(List<Door.Line> lines) {
    List<String> texts = lines.stream().map(Door.Line::text).toList();
    int first = texts.indexOf("node n1 is being drained");
    int last = texts.indexOf("node n1 takes part again");
    return first < 0 || last < 0 ? List.of() : List.copyOf(lines.subList(first, last + 1));
  }

  private static List<String> voters(Trio trio, int node) {
    return ((LimpetNode) trio.node(node)).voters();
  }

  @Test
  void clusterOfFive_hasFiveVoters_andStartsAgainWithTheLaterOnesAmongThem() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      trio.start(3, 4);
      for (int node = 0; node < 5; node++) {
        int each = node;
        Caller.until(() -> voters(trio, each).size() == 5);
      }
      for (int i = 0; i < 10; i++) {
        assertThat(trio.node(i % 5).get(Probe.class, "k" + i).act("add")).isEqualTo(1);
      }
      // Two of the first are gone: the others are a majority only if the later ones vote.
      trio.stop(0);
      trio.stop(1);
      for (int i = 0; i < 10; i++) {
        assertThat(trio.node(2 + i % 3).get(Probe.class, "k" + i).act("add")).isEqualTo(2);
      }
      trio.stopAll();
      trio.start(4, 3, 2);
      for (int i = 0; i < 10; i++) {
        assertThat(trio.node(2 + i % 3).get(Probe.class, "k" + i).act("add")).isEqualTo(3);
      }
    }
  }

  @Test
  void twoOfFive_whoseDirectoriesWereEmptied_voteAgainOneAfterTheOther() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      trio.start(3, 4);
      Caller.until(() -> voters(trio, 0).size() == 5);
      for (int i = 0; i < 10; i++) {
        assertThat(trio.node(i % 5).get(Probe.class, "k" + i).act("add")).isEqualTo(1);
      }
      String cluster = clusterOf(trio, 2);
      trio.stop(0);
      trio.stop(1);
      empty(trio.data(0));
      empty(trio.data(1));
      trio.start(0, 1);
      assertThat(clusterOf(trio, 0)).isEqualTo(cluster);
      assertThat(clusterOf(trio, 1)).isEqualTo(cluster);
      for (int node = 0; node < 2; node++) {
        int each = node;
        Caller.until(
            () -> ((LimpetNode) trio.node(each)).votes() && voters(trio, each).size() == 5);
      }
      // Now two that kept their disks may go: those that lost theirs are a part of the majority.
      trio.stop(2);
      trio.stop(3);
      for (int i = 0; i < 10; i++) {
        assertThat(trio.node(i % 2).get(Probe.class, "k" + i).act("add")).isEqualTo(2);
      }
    }
  }

  @Test
  void forget_ofAFifthThatLeft_givesItsShareAndItsVoteAway() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      trio.start(3);
      LimpetNode first = (LimpetNode) trio.node(0);
      assertThatThrownBy(() -> first.forget("n3"))
          .isInstanceOf(CallRefused.class)
          .hasMessageContaining("stop it first");
      trio.stop(3);
      first.forget("n3");
      Caller.until(() -> first.nodes().stream().noneMatch(n -> n.node().equals("n3")));
      assertThatThrownBy(() -> first.forget("n3")).isInstanceOf(CallRefused.class);
    }
  }
}
