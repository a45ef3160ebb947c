package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.node.cluster.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The disk of one node of three takes no more writes. */
@Timeout(120)
class FullDiskTest {
  private static final int KEYS = 12;
  private static final Duration LEASE = Duration.ofSeconds(3);

  @TempDir Path directory;

  /** How a node ended. */
  private record End(ErrorCode code, String what) {}

  /** A disk that refuses while a reason is set, and counts how often it is asked. */
  private static final class Fickle {
    final AtomicReference<@Nullable String> refusal = new AtomicReference<>();
    final AtomicInteger asked = new AtomicInteger();
    final CompletableFuture<End> ended = new CompletableFuture<>();

    Seams seams() {
      return Seams.NONE.withDisk(
          this::refusing, (code, what, cause) -> ended.complete(new End(code, what)));
    }

    private Disk refusing(Disk real) {
      return new Disk() {
        @Override
        public void write() throws IOException {
          asked.incrementAndGet();
          String why = refusal.get();
          if (why != null) {
            throw new IOException(why);
          }
          real.write();
        }

        @Override
        public boolean makeRoom() {
          return real.makeRoom();
        }
      };
    }
  }

  @Test
  void diskOfOneNodeRefuses_itGivesItsShardsAwayWithoutAFailedCall_stops_andComesBack()
      throws Exception {
    Fickle disk = new Fickle();
    try (Three nodes = Three.start(directory, LEASE, n -> n == 1 ? disk.seams() : Seams.NONE);
        Three.Calling calling = nodes.new Calling(KEYS, Duration.ofSeconds(10))) {
      calling.awaitMore(200);

      long begun = System.nanoTime();
      disk.refusal.set("No space left on device");
      End end = disk.ended.get(60, TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertThat(end.code).isEqualTo(ErrorCode.DISK_UNWRITABLE);
      assertThat(end.what).contains("No space left on device", "make room");
      assertThat(nodes.of("n1").state()).isEqualTo("away");
      assertThat(nodes.of("n0").shards() + nodes.of("n2").shards()).isEqualTo(24);
      calling.awaitMore(200);

      assertThatThrownBy(() -> nodes.restart(1, disk.seams()))
          .isInstanceOfSatisfying(
              StartFailed.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_UNWRITABLE));
      disk.refusal.set(null);
      nodes.restart(1, disk.seams());
      nodes.awaitHome();
      calling.awaitMore(200);

      List<String> failures = calling.failures();
      double longest =
          calling.longestSeconds().values().stream()
              .mapToDouble(Double::doubleValue)
              .max()
              .orElseThrow();
      System.err.printf(
          Locale.ROOT,
          "full disk of one node: stopped after %.1f s, longest gap of any key %.2f s, %d failed"
              + " calls%n",
          seconds,
          longest,
          failures.size());
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void diskThatRefusesForAMoment_isNoReasonToStop() throws Exception {
    Fickle disk = new Fickle();
    try (Three nodes = Three.start(directory, LEASE, n -> n == 1 ? disk.seams() : Seams.NONE)) {
      disk.refusal.set("Read-only file system");
      int before = disk.asked.get();
      Caller.until(() -> disk.asked.get() > before);
      disk.refusal.set(null);
      int mended = disk.asked.get();
      Caller.until(() -> disk.asked.get() > mended + 3);
      assertThat(disk.ended).isNotDone();
      assertThat(nodes.of("n1").state()).isEqualTo("member");
    }
  }
}
