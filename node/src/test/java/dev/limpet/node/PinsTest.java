package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Single processes are moved about in a cluster of three nodes. */
@Timeout(240)
class PinsTest {
  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  private Trio trio;

  @BeforeEach
  void start() throws Exception {
    trio = new Trio(directory);
    trio.start(0, 1, 2);
  }

  @AfterEach
  void close() {
    trio.close();
  }

  private LimpetNode node(int node) {
    return (LimpetNode) trio.node(node);
  }

  private static ProcessId id(String key) {
    return new ProcessId("probe", key);
  }

  @Test
  void processUnderLoad_movedAboutAndUnpinned_failsNoCallAndLosesNoMemory() throws Exception {
    String key = trio.keyOn(0);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong done = new AtomicLong();
    List<Caller<Long>> load = new ArrayList<>();
    for (int n = 0; n < 3; n++) {
      Probe probe = trio.node(n).get(Probe.class, key);
      load.add(
          Caller.start(() -> {
            long mine = 0;
            while (!stop.get()) {
              probe.act("addMemory");
              probe.act("add");
              mine++;
              done.incrementAndGet();
            }
            return mine;
          }));
    }
    for (int round = 0; round < 3; round++) {
      for (int target : new int[] {1, 2, 0}) {
        long before = done.get();
        assertThat(node(target).move(id(key), "n" + target).done()).isTrue();
        assertThat(node(target).where(id(key)).home()).isEqualTo("n" + target);
        assertThat(node(target).where(id(key)).pinned()).isTrue();
        Caller.until(() -> done.get() > before + 5);
      }
      assertThat(node(0).move(id(key), "n1").done()).isTrue();
      assertThat(node(1).unpin(id(key)).done()).isTrue();
      assertThat(node(1).where(id(key)).pinned()).isFalse();
    }
    stop.set(true);
    long sum = 0;
    for (Caller<Long> caller : load) {
      sum += caller.get();
    }
    Probe probe = trio.node(2).get(Probe.class, key);
    assertThat(probe.look("get")).isEqualTo(sum);
    assertThat(probe.look("getMemory")).isEqualTo(sum);
    assertThat(trio.home(2, key)).isEqualTo("n0");
  }

  @Test
  void homeOfAPinThatLeaves_isFollowedByAnother_andGetsItBack() throws Exception {
    String key = trio.keyOn(0);
    Probe probe = trio.node(0).get(Probe.class, key);
    probe.act("add");
    probe.act("addMemory");
    assertThat(node(0).move(id(key), "n2").done()).isTrue();
    trio.stop(2);
    assertThat(probe.act("add")).isEqualTo(2);
    assertThat(probe.look("getMemory")).isEqualTo(1);
    assertThat(trio.home(0, key)).isNotEqualTo("n2");
    trio.start(2);
    Caller.until(() -> "n2".equals(node(0).where(id(key)).home()));
    assertThat(probe.act("add")).isEqualTo(3);
    assertThat(node(0).unpin(id(key)).done()).isTrue();
    assertThat(probe.act("add")).isEqualTo(4);
  }

  @Test
  void orderThatCannotBe_isRefusedByName() {
    String key = trio.keyOn(0);
    assertRefused(() -> node(0).move(id(key), "n9"), ErrorCode.NODE_UNFIT);
    assertRefused(() -> node(0).unpin(id(key)), ErrorCode.NOT_PINNED);
    node(0).drain("n1");
    assertRefused(() -> node(0).move(id(key), "n1"), ErrorCode.NODE_UNFIT);
  }

  private static void assertRefused(Runnable order, ErrorCode code) {
    assertThatThrownBy(order::run)
        .isInstanceOf(CallRefused.class)
        .satisfies(e -> assertThat(((CallRefused) e).code()).isEqualTo(code));
  }
}
