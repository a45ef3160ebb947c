package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Ref;
import dev.limpet.node.door.Door;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes, of which some or all are closed. */
@Timeout(90)
class RestartTest {
  @TempDir Path directory;

  @Test
  void restartOfAll_onTheSameDirectories_keepsTheState() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      for (int i = 0; i < 20; i++) {
        trio.node(i % 3).get(Probe.class, "k" + i).act("add");
      }
      trio.stopAll();
      trio.start(1, 2, 0);
      for (int i = 0; i < 20; i++) {
        assertThat(trio.node(i % 3).get(Probe.class, "k" + i).act("add")).isEqualTo(2);
      }
    }
  }

  @Test
  void close_ofOneUnderLoad_handsItsShardsOverWithoutAFailedCall() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      AtomicBoolean end = new AtomicBoolean();
      AtomicInteger made = new AtomicInteger();
      List<Caller<Integer>> callers = new ArrayList<>();
      for (int c = 0; c < 6; c++) {
        int node = c % 2;
        String prefix = "c" + c + "-";
        callers.add(
            Caller.start(() -> {
              int calls = 0;
              while (!end.get()) {
                Ref<Probe> ref =
                    trio.node(node)
                        .ref(Probe.class, prefix + calls % 16)
                        .withDeadline(Duration.ofSeconds(20));
                assertThat(ref.get().act("add")).isEqualTo(calls / 16 + 1);
                calls++;
                made.incrementAndGet();
              }
              return calls;
            }));
      }
      Caller.until(() -> made.get() > 200);
      trio.stop(2);
      int at = made.get();
      Caller.until(() -> made.get() > at + 200);
      end.set(true);
      for (Caller<Integer> caller : callers) {
        assertThat(caller.get()).isPositive();
      }
    }
  }

  @Test
  void watch_whileANodeLeavesAndComesBack_isOneLineForEachEntryWithAllItsDecisions()
      throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      List<Door.Line> lines = new CopyOnWriteArrayList<>();
      try (AutoCloseable watch = ((Door) trio.node(0)).watch(lines::add)) {
        trio.stop(2);
        trio.start(2);
        assertThat(watch).isNotNull();
      }
      assertThat(lines).extracting(Door.Line::index).doesNotHaveDuplicates().isSorted();
      assertThat(lines).extracting(Door.Line::text).anyMatch(t -> t.contains("node n2 left"));
      assertThat(lines).extracting(Door.Line::text).anyMatch(t -> t.contains("node n2 joined"));
      assertThat(lines)
          .as("shards that go together")
          .anySatisfy(line -> {
            assertThat(line.text())
                .containsPattern("[0-9]+ (\\([0-9 ]+\\) )?(from n[01] )?to n[012]");
            assertThat(line.decisions()).hasSizeGreaterThan(1);
          });
    }
  }
}
