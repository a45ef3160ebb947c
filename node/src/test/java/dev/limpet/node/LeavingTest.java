package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import dev.limpet.node.home.MoveWatch.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node leaves while something is about to come to it. */
@Timeout(120)
class LeavingTest {
  private static final Duration LEASE = Duration.ofSeconds(3);

  @TempDir Path directory;

  /** The moves of a node stop before it gives the shard up, from a time on, until they may go on. */
  private static final class Stop {
    final AtomicBoolean armed = new AtomicBoolean();
    final CountDownLatch met = new CountDownLatch(1);
    final Semaphore go = new Semaphore(0);

    void at(int shard, Step step) {
      if (step == Step.CARRIED && armed.compareAndSet(true, false)) {
        met.countDown();
        go.acquireUninterruptibly();
      }
    }
  }

  @Test
  void nodeToWhichAProcessIsOnItsWay_stays_untilThatHasArrivedAndGoneOnWithItsMemory()
      throws Exception {
    Stop stop = new Stop();
    try (Three nodes =
        Three.start(directory, LEASE, n -> n == 0 ? Seams.NONE.withMoves(stop::at) : Seams.NONE)) {
      String key =
          IntStream.range(0, 1_000)
              .mapToObj(i -> "k" + i)
              .filter(k -> "n0".equals(nodes.home(k)))
              .findFirst()
              .orElseThrow();
      Probe probe = nodes.get(2).get(Probe.class, key);
      probe.act("addMemory");
      assertThat(probe.act("addMemory")).isEqualTo(2);
      List<Door.Line> decisions = new CopyOnWriteArrayList<>();
      try (AutoCloseable watch = ((Door) nodes.get(0)).watch(decisions::add)) {
        stop.armed.set(true);
        Caller<Door.Moved> move =
            Caller.start(() -> ((Door) nodes.get(2)).move(new ProcessId("probe", key), "n1"));
        stop.met.await();
        // The freeze that stands still is given up after two seconds, and the next one is not held.
        nodes.get(1).close();
        stop.go.release();
        assertThat(move.get()).isNotNull();
        Caller.until(() -> decisions.stream().anyMatch(d -> d.text().contains("n1 left")));
        assertThat(decisions)
            .as("no move is aborted, as %s saw", watch)
            .noneMatch(d -> d.toString().contains("abort"));
      }
      assertThat(probe.look("getMemory")).isEqualTo(2);
    }
  }
}
