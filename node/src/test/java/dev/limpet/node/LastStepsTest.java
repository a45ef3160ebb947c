package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ErrorCode;
import dev.limpet.node.cluster.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk is full ends in any case: one that serves nobody and does not end is never started again. */
@Timeout(60)
class LastStepsTest {
  private static final Duration BOUND = Duration.ofMillis(200);

  @TempDir Path data;

  private final CompletableFuture<ErrorCode> ended = new CompletableFuture<>();
  private final AtomicBoolean full = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CountDownLatch forEver = new CountDownLatch(1);
  private final CountDownLatch reached = new CountDownLatch(1);

  @Test
  void partThatHangsWhileItIsClosed_holdsNoNodeUp() throws Exception {
    try (LastSteps steps = steps(this::hang)) {
      steps.leaveBy(() -> {});
      full.set(true);
      reached.await();
      assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.DISK_UNWRITABLE);
    } finally {
      forEver.countDown();
    }
  }

  @Test
  void shardsThatAreNeverGivenAway_holdNoNodeUp() throws Exception {
    try (LastSteps steps = steps(() -> {})) {
      steps.leaveBy(this::hang);
      full.set(true);
      reached.await();
      assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.DISK_UNWRITABLE);
      assertThat(closed).isTrue();
    } finally {
      forEver.countDown();
    }
  }

  private LastSteps steps(Runnable takeApart) {
    return new LastSteps(
        SteppedNode.settings("n1", data, "127.0.0.1:1", List.of()),
        (code, what, cause) -> ended.complete(code),
        new Disk() {
          @Override
          public void write() throws IOException {
            if (full.get()) {
              throw new IOException("No space left on device");
            }
          }

          @Override
          public boolean makeRoom() {
            return true;
          }
        },
        closed,
        takeApart,
        BOUND);
  }

  private void hang() {
    reached.countDown();
    try {
      forEver.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
