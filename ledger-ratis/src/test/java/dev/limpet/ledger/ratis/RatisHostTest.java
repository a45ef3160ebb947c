package dev.limpet.ledger.ratis;

import static dev.limpet.ledger.ratis.Trio.LEDGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.engine.LogException;
import dev.limpet.engine.NotLeaderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RatisHostTest {
  private static final LogTuning SMALL =
      LogTuning.DEFAULT
          .withCheckpoints(20, 1 << 20, Duration.ofHours(1))
          .withLog(1 << 20, 0, 1, 64 << 10);

  @TempDir Path root;

  @Test
  void append_onLeader_isAppliedOnEveryReplica() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      assertThat(Words.text(trio.append(LEDGER, "put a 1").reply())).isEqualTo("null");
      var applied = trio.append(LEDGER, "put a 2");
      assertThat(Words.text(applied.reply())).isEqualTo("1");
      for (int i = 0; i < 3; i++) {
        trio.awaitApplied(LEDGER, i, applied.index());
        assertThat(trio.machine(LEDGER, i).words).containsEntry("a", "2");
      }
      assertThat(trio.fatal).isEmpty();
    }
  }

  @Test
  void append_onFollower_namesTheLeader() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      trio.append(LEDGER, "put a 1");
      int leader = trio.leader(LEDGER);
      int follower = (leader + 1) % 3;
      Eventually.until(
          "the follower knows",
          () -> trio.host(follower).log(LEDGER).leadership().leader() != null);
      assertThatThrownBy(() ->
              trio.host(follower)
                  .log(LEDGER)
                  .append(Words.line("put a 2"))
                  .get(5, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              NotLeaderException.class,
              e -> {
                assertThat(e.leader()).isEqualTo("n" + (leader + 1));
                assertThat(e.mayHaveRun()).isFalse();
              });
    }
  }

  @Test
  void restartOfAll_keepsWhatWasAcknowledged() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      for (int i = 0; i < 20; i++) {
        trio.append(LEDGER, "put k" + i + " v" + i);
      }
      for (int i = 0; i < 3; i++) {
        trio.stop(i);
        assertThat(trio.machine(LEDGER, i).closed).isTrue();
      }
      trio.startAll();
      assertThat(Words.text(trio.append(LEDGER, "get k7").reply())).isEqualTo("v7");
      assertThat(trio.machine(LEDGER, trio.leader(LEDGER)).words).hasSize(20);
    }
  }

  @Test
  void closedLeader_isSucceeded() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      trio.append(LEDGER, "put a 1");
      int first = trio.leader(LEDGER);
      long term = trio.host(first).log(LEDGER).leadership().term();
      trio.stop(first);
      assertThat(Words.text(trio.append(LEDGER, "put a 2").reply())).isEqualTo("1");
      var next = trio.host(trio.leader(LEDGER)).log(LEDGER).leadership();
      assertThat(next.term()).isGreaterThan(term);
      assertThat(next.leader()).isNotEqualTo("n" + (first + 1));
    }
  }

  @Test
  void handOver_givesLeadershipToAnother() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      for (int i = 0; i < 3; i++) {
        trio.awaitApplied(LEDGER, i, trio.append(LEDGER, "put a 1").index());
      }
      int leader = trio.leader(LEDGER);
      var before = trio.host(leader).log(LEDGER).leadership();
      Eventually.until("it hands over", () -> trio.host(leader).handOver(Duration.ofSeconds(5)));
      Eventually.until(
          "another leads",
          () -> trio.leaderNow(LEDGER) != null && trio.leaderNow(LEDGER) != leader);
      assertThat(trio.host(trio.leader(LEDGER)).log(LEDGER).leadership().term())
          .isGreaterThan(before.term());
    }
  }

  @Test
  void start_inADirectoryWithAComma_isRefused() throws IOException {
    try (var trio = new Trio(root.resolve("a,b"), 1, LogTuning.DEFAULT, LEDGER)) {
      assertThatThrownBy(() -> trio.start(0)).hasMessageContaining("comma");
    }
  }

  @Test
  void laggingFollower_pastTheTrimmedLog_isRestoredByCheckpoint() throws IOException {
    try (var trio = new Trio(root, 3, SMALL, LEDGER).startAll()) {
      trio.append(LEDGER, "put early 1");
      int lagging = (trio.leader(LEDGER) + 1) % 3;
      trio.stop(lagging);
      var value = "x".repeat(4_000);
      for (int i = 0; i < 80; i++) {
        trio.append(LEDGER, "put k" + (i % 50) + " " + i + value);
      }
      var division =
          java.util.Objects.requireNonNull(
              trio.host(trio.leader(LEDGER)).hosted(LEDGER).division());
      Eventually.until("the log is trimmed", () -> division.getRaftLog().getStartIndex() > 20);
      trio.start(lagging);
      var last = trio.append(LEDGER, "put late 2");
      trio.awaitApplied(LEDGER, lagging, last.index());
      var machine = trio.machine(LEDGER, lagging);
      assertThat(machine.installs.get()).isPositive();
      assertThat(machine.words)
          .isEqualTo(trio.machine(LEDGER, trio.leader(LEDGER)).words)
          .containsEntry("early", "1")
          .containsEntry("late", "2");
      // The restored replica goes on: it survives a restart and can be asked for its own
      // checkpoint.
      trio.stop(lagging);
      trio.start(lagging);
      trio.awaitApplied(LEDGER, lagging, last.index());
      assertThat(trio.machine(LEDGER, lagging).words)
          .containsEntry("early", "1")
          .containsEntry("late", "2");
      assertThat(trio.fatal).isEmpty();
    }
  }

  @Test
  void restoredFollower_canRestoreAnother() throws IOException {
    try (var trio = new Trio(root, 3, SMALL, LEDGER).startAll()) {
      trio.append(LEDGER, "put a 1");
      for (int round = 0; round < 2; round++) {
        int lagging = (trio.leader(LEDGER) + 1) % 3;
        trio.stop(lagging);
        for (int i = 0; i < 60; i++) {
          trio.append(LEDGER, "put r" + round + " " + i + "x".repeat(4_000));
        }
        trio.start(lagging);
        trio.awaitApplied(LEDGER, lagging, trio.append(LEDGER, "put round " + round).index());
        // Next time another one leads and another one lags.
        int leader = trio.leader(LEDGER);
        trio.stop(leader);
        trio.append(LEDGER, "put while " + round);
        trio.start(leader);
        trio.awaitApplied(LEDGER, leader, trio.append(LEDGER, "put after " + round).index());
      }
      var expected = trio.machine(LEDGER, trio.leader(LEDGER)).words;
      long last = trio.append(LEDGER, "put end 1").index();
      for (int i = 0; i < 3; i++) {
        trio.awaitApplied(LEDGER, i, last);
        assertThat(trio.machine(LEDGER, i).words).isEqualTo(expected);
      }
      assertThat(trio.fatal).isEmpty();
    }
  }

  @Test
  void restart_opensFromTheCheckpoint_andOnlyTwoAreKept() throws IOException {
    try (var trio = new Trio(root, 1, SMALL, LEDGER).startAll()) {
      for (int i = 0; i < 200; i++) {
        trio.append(LEDGER, "put k" + (i % 10) + " " + i);
      }
      assertThat(trio.machine(LEDGER, 0).checkpoints.get()).isGreaterThanOrEqualTo(4);
      trio.stop(0);
      trio.start(0);
      assertThat(Words.text(trio.append(LEDGER, "get k9").reply())).isEqualTo("199");
      var machine = trio.machine(LEDGER, 0);
      assertThat(machine.openedFrom).isNotNull();
      assertThat(machine.applied.get()).isLessThan(100);
      // Nobody writes the next one while the files are counted.
      trio.stop(0);
      try (var files = Files.walk(trio.directory(0))) {
        assertThat(files.filter(path -> path.getFileName().toString().startsWith("checkpoint.")))
            .hasSize(2);
      }
    }
  }

  @Test
  void checkpoint_isTakenInTime_withoutManyEntries() throws IOException {
    var tuning = LogTuning.DEFAULT.withCheckpoints(1_000_000, 1 << 30, Duration.ofMillis(200));
    try (var trio = new Trio(root, 1, tuning, LEDGER).startAll()) {
      trio.append(LEDGER, "put a 1");
      Eventually.until("a checkpoint", () -> trio.machine(LEDGER, 0).checkpoints.get() > 0);
    }
  }

  @Test
  void oversizedEntry_isRefused_andTheLeaderStays() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      trio.append(LEDGER, "put a 1");
      int leader = trio.leader(LEDGER);
      var log = trio.host(leader).log(LEDGER);
      var before = log.leadership();
      assertThatThrownBy(
              () -> log.append(new byte[log.entryBytesMax() + 1]).get(5, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(LogException.class, e -> assertThat(e.mayHaveRun()).isFalse())
          .hasMessageContaining("over the limit");
      trio.append(LEDGER, new byte[0]);
      assertThat(log.leadership()).isEqualTo(before);
    }
  }

  @Test
  void largestEntry_isTaken() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      trio.append(LEDGER, "put a 1");
      var line = "put big " + "x".repeat(LogTuning.DEFAULT.entryBytesMax() - 8);
      var applied = trio.append(LEDGER, line);
      for (int i = 0; i < 3; i++) {
        trio.awaitApplied(LEDGER, i, applied.index());
        assertThat(trio.machine(LEDGER, i).words.get("big"))
            .hasSize(LogTuning.DEFAULT.entryBytesMax() - 8);
      }
    }
  }

  @Test
  void twoGroups_areIndependent() throws IOException {
    try (var trio = new Trio(root, 3, LogTuning.DEFAULT, LEDGER, "store").startAll()) {
      trio.append(LEDGER, "put a ledger");
      trio.append("store", "put a store");
      assertThat(Words.text(trio.append(LEDGER, "get a").reply())).isEqualTo("ledger");
      assertThat(Words.text(trio.append("store", "get a").reply())).isEqualTo("store");
      trio.stop(trio.leader("store"));
      assertThat(Words.text(trio.append("store", "get a").reply())).isEqualTo("store");
      assertThat(Words.text(trio.append(LEDGER, "get a").reply())).isEqualTo("ledger");
    }
  }

  @Test
  void leaderOfTheFollowingGroup_movesToTheFollowedOne() throws IOException {
    try (var trio =
        new Trio(root, 3, LogTuning.DEFAULT, LEDGER, "store")
            .with(b -> b.follow("store", LEDGER))
            .startAll()) {
      for (int round = 0; round < 2; round++) {
        trio.append(LEDGER, "put a 1");
        trio.append("store", "put a 1");
        Eventually.until(
            "both groups are led by one node",
            () -> {
              var ledger = trio.leaderNow(LEDGER);
              return ledger != null && ledger.equals(trio.leaderNow("store"));
            });
        int both = trio.leader(LEDGER);
        trio.stop(both);
        trio.append(LEDGER, "put a 2");
        trio.start(both);
      }
      assertThat(trio.fatal).isEmpty();
    }
  }

  @Test
  void leadership_isTrueOnlyOnOneNodeOfATerm_andReportedInOrder() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      for (int i = 0; i < 3; i++) {
        trio.append(LEDGER, "put a " + i);
        int leader = trio.leader(LEDGER);
        trio.stop(leader);
        trio.start(leader);
      }
      trio.append(LEDGER, "put a end");
      var termsLed = new java.util.HashMap<Long, Integer>();
      for (int i = 0; i < 3; i++) {
        long term = 0;
        for (var leadership : trio.machine(LEDGER, i).leaderships) {
          assertThat(leadership.term()).isGreaterThanOrEqualTo(term);
          term = leadership.term();
          if (leadership.self()) {
            assertThat(termsLed.merge(term, i, (one, other) -> one.equals(other) ? one : -1))
                .isEqualTo(i);
          }
        }
      }
    }
  }

  @Test
  void throwingMachine_isFatal() throws IOException {
    try (var trio = new Trio(root, 1, LogTuning.DEFAULT, LEDGER).startAll()) {
      trio.append(LEDGER, "put a 1");
      var boom = trio.host(0).log(LEDGER).append(Words.line("boom"));
      Eventually.until("onFatal", () -> !trio.fatal.isEmpty());
      assertThat(trio.fatal.getFirst())
          .hasMessageContaining("applying entry")
          .hasStackTraceContaining("boom");
      assertThat(boom.isDone() && !boom.isCompletedExceptionally()).isFalse();
    }
  }

  @Test
  void start_whenTheLogIsLost_isRefused_andANewStorageIdMustBeAgreed() throws IOException {
    try (var trio = new Trio(root, 1, LogTuning.DEFAULT, LEDGER).startAll()) {
      trio.append(LEDGER, "put a 1");
      trio.stop(0);
      SyncedFiles.deleteTree(trio.directory(0).resolve("ratis"));
      assertThatThrownBy(() -> trio.start(0))
          .hasMessageContaining("must not vote again")
          .hasMessageContaining("new storage id");
      var renamed = new Voter("n1", "other", trio.voters.getFirst().address());
      assertThatThrownBy(() -> trio.start(0, trio.voters, renamed))
          .hasMessageContaining("not one of the agreed voters");
      assertThatThrownBy(() -> trio.start(0, List.of(renamed), renamed))
          .hasMessageContaining("is of peer n1-s1");
    }
  }

  @Test
  void start_whenTheVoteWasNotWrittenToAFullDisk_isRefused() throws IOException {
    try (var trio = new Trio(root, 1, LogTuning.DEFAULT, LEDGER).startAll()) {
      trio.append(LEDGER, "put a 1");
      trio.stop(0);
      try (var files = Files.walk(trio.directory(0))) {
        var vote = files.filter(file -> file.endsWith("raft-meta")).findFirst().orElseThrow();
        Files.write(vote, new byte[0]);
      }
      assertThatThrownBy(() -> trio.start(0))
          .hasMessageContaining("the disk was full")
          .hasMessageContaining("must not vote again");
    }
  }

  @Test
  void start_onATakenPort_failsWithoutEndingTheJvm() throws IOException {
    try (var trio = new Trio(root, 1, LogTuning.DEFAULT, LEDGER);
        var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      var address = (java.net.InetSocketAddress) taken.getLocalSocketAddress();
      assertThatThrownBy(() -> trio.with(b -> b.bind(address)).start(0))
          .hasMessageContaining("is the port taken?");
    }
  }
}
