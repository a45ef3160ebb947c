package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shards in which nothing is in memory move first. */
@Timeout(120)
class CheapFirstTest {
  private static final int KEYS = 200;
  private static final Pattern SHARD = Pattern.compile("shard (\\d+) moves");

  @TempDir Path directory;

  @Test
  void drain_beginsWithTheIdleShards() throws Exception {
    try (Trio trio = new Trio(directory)) {
      trio.start(0, 1, 2);
      Door door = (Door) trio.node(0);
      TreeSet<Integer> ofN1 = new TreeSet<>();
      for (int k = 0; k < KEYS; k++) {
        Door.Where where = door.where(new ProcessId("probe", "k" + k));
        if (Objects.equals(where.home(), "n1")) {
          ofN1.add(where.shard());
        }
      }
      // The lower half by number, which would go first if nobody asked what it costs.
      List<Integer> busy = ofN1.stream().limit(ofN1.size() / 2).toList();
      for (int k = 0; k < KEYS; k++) {
        if (busy.contains(door.where(new ProcessId("probe", "k" + k)).shard())) {
          trio.node(0).get(Probe.class, "k" + k).act("addMemory");
        }
      }
      List<Integer> moved = drained(trio, door);
      // Another node may have begun to lead in between, which learns of it later.
      for (int i = 0; i < 10 && busy.contains(moved.getFirst()); i++) {
        moved = drained(trio, door);
      }
      assertThat(moved).hasSameElementsAs(ofN1);
      assertThat(moved.subList(moved.size() - busy.size(), moved.size()))
          .containsExactlyInAnyOrderElementsOf(busy);
    }
  }

  /** The leader learns what is in memory with a renewal: waits for two, of which the second was sent after this began. */
  private static void awaitTold(Trio trio) {
    Door door = (Door) trio.node(1);
    for (int i = 0; i < 2; i++) {
      AtomicLong left = new AtomicLong(leaseLeft(door));
      Caller.until(() -> {
        long now = leaseLeft(door);
        return now > left.getAndSet(now);
      });
    }
  }

  private static long leaseLeft(Door door) {
    return door.nodes().stream()
        .map(Door.NodeReport::leaseMillisLeft)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(0L);
  }

  /** Drains n1 and takes it back; its shards in the order in which they were told to go. */
  private static List<Integer> drained(Trio trio, Door door) throws Exception {
    awaitTold(trio);
    BlockingQueue<Door.Line> lines = new LinkedBlockingQueue<>();
    try (AutoCloseable _ = door.watch(lines::add)) {
      door.drain("n1");
      Door.Line line = lines.poll(30, TimeUnit.SECONDS);
      while (line != null && !line.kind().equals("movestarted")) {
        line = lines.poll(30, TimeUnit.SECONDS);
      }
      assertThat(line).isNotNull();
      trio.awaitEmpty(1);
      door.undrain("n1");
      trio.awaitHome(1);
      return Objects.requireNonNull(line.decisions()).stream()
          .map(SHARD::matcher)
          .filter(Matcher::find)
          .map(m -> Integer.valueOf(m.group(1)))
          .toList();
    }
  }
}
