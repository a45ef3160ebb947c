package dev.limpet.ledger.ratis;

import static dev.limpet.ledger.ratis.Trio.LEDGER;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Gate 3 and 9: voters come and go while entries are appended, and a lost disk comes back as a new voter. */
@Timeout(180)
class MembershipTest {
  @TempDir Path root;

  @Test
  void votersComeAndGo_underLoad_andNothingAcknowledgedIsLost() throws Exception {
    try (var trio = new Trio(root, 3, LogTuning.DEFAULT, LEDGER)) {
      var voters = trio.voters;
      trio.start(0, voters.subList(0, 1), voters.get(0));
      trio.append(LEDGER, "put a 1");
      var stop = new AtomicBoolean();
      var written = new AtomicInteger();
      var writer =
          Thread.ofVirtual()
              .start(() -> {
                while (!stop.get()) {
                  int i = written.get() + 1;
                  trio.append(LEDGER, "put k" + i + " " + i);
                  written.set(i);
                }
              });
      trio.start(1, List.of(), voters.get(1));
      change(trio, voters.subList(0, 1), voters.subList(0, 2));
      trio.start(2, List.of(), voters.get(2));
      change(trio, voters.subList(0, 2), voters);
      more(written);
      int removed = trio.leader(LEDGER) == 0 ? 1 : 0;
      var rest = voters.stream().filter(voter -> !voter.equals(voters.get(removed))).toList();
      change(trio, voters, rest);
      more(written);
      stop.set(true);
      writer.join();
      int leader = trio.leader(LEDGER);
      assertThat(leader).isNotEqualTo(removed);
      for (int i = 1; i <= written.get(); i++) {
        assertThat(trio.machine(LEDGER, leader).words).containsEntry("k" + i, Integer.toString(i));
      }
      assertThat(trio.fatal).isEmpty();
      // Both that are left are needed, so they really are the two voters.
      trio.stop(removed);
      assertThat(Words.text(trio.append(LEDGER, "get a").reply())).isEqualTo("1");
    }
  }

  @Test
  void lostDisk_comesBackAsANewVoter() throws IOException {
    try (var trio = Trio.of(root).startAll()) {
      trio.append(LEDGER, "put a 1");
      int lost = (trio.leader(LEDGER) + 1) % 3;
      trio.stop(lost);
      SyncedFiles.deleteTree(trio.directory(lost));
      var before = List.copyOf(trio.voters);
      var renewed = new Voter(before.get(lost).node(), "renewed", before.get(lost).address());
      var without = before.stream().filter(voter -> !voter.equals(before.get(lost))).toList();
      change(trio, before, without);
      trio.start(lost, List.of(), renewed);
      var after = new java.util.ArrayList<>(without);
      after.add(renewed);
      change(trio, without, after);
      long index = trio.append(LEDGER, "put b 2").index();
      trio.awaitApplied(LEDGER, lost, index);
      assertThat(trio.machine(LEDGER, lost).words).containsEntry("a", "1").containsEntry("b", "2");
      assertThat(trio.fatal).isEmpty();
    }
  }

  @Test
  void voterThatIsAdded_takesPart_onlyOnceItHasAppliedWhatCameBefore() throws IOException {
    try (var trio = new Trio(root, 3, LogTuning.DEFAULT, LEDGER)) {
      var first = trio.voters.subList(0, 2);
      trio.start(0, first, first.get(0));
      trio.start(1, first, first.get(1));
      trio.append(LEDGER, "put a 1");
      var gate = new CountDownLatch(1);
      var added = trio.start(2, List.of(), trio.voters.get(2));
      trio.machine(LEDGER, 2).gate = gate;
      change(trio, first, trio.voters);
      Eventually.until(
          "it votes, and knows a leader",
          () -> added.hosted(LEDGER).votes() && added.log(LEDGER).leadership().leader() != null);
      boolean early = added.takesPart(LEDGER);
      gate.countDown();
      assertThat(early).as("it takes part before it has applied anything").isFalse();
      Eventually.until("it takes part", () -> added.takesPart(LEDGER));
      assertThat(trio.machine(LEDGER, 2).words).containsEntry("a", "1");
      assertThat(trio.fatal).isEmpty();
    }
  }

  private static void more(AtomicInteger written) {
    int now = written.get();
    Eventually.until("the load goes on", () -> written.get() > now + 20);
  }

  @Test
  void replicaThatIsEnded_isToldOnce_andAnotherHostOnItsDirectoryGoesOn() throws IOException {
    var ended = new CopyOnWriteArrayList<Throwable>();
    try (var trio = Trio.of(root).with(builder -> builder.onEnded(ended::add)).startAll()) {
      trio.append(LEDGER, "put a 1");
      int one = (trio.leader(LEDGER) + 1) % 3;
      trio.host(one).hosted(LEDGER).division().close();
      Eventually.until("onEnded", () -> !ended.isEmpty());
      trio.append(LEDGER, "put b 2");
      trio.stop(one);
      trio.start(one);
      long index = trio.append(LEDGER, "put c 3").index();
      trio.awaitApplied(LEDGER, one, index);
      assertThat(trio.machine(LEDGER, one).words).containsKeys("a", "b", "c");
      assertThat(ended).hasSize(1);
      assertThat(trio.fatal).isEmpty();
    }
  }

  private static void change(Trio trio, List<Voter> from, List<Voter> to) {
    Eventually.until(
        "voters become " + to,
        () -> {
          var leader = trio.leaderNow(LEDGER);
          try {
            return leader != null
                && Membership.change(trio.host(leader).hosted(LEDGER), from, to)
                    .get(20, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }
}
