package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The faults that the engine had to survive before it was trusted, against JVMs of their own. Short by default; {@code
 * -Dgate.pause=90} (seconds) and {@code -Dgate.kills=50} make it long. Each test prints a line with what was seen.
 */
@Tag("gate")
@Timeout(600)
class GateTest {
  private static final int PAUSE_SECONDS = Integer.getInteger("gate.pause", 4);
  private static final int KILLS = Integer.getInteger("gate.kills", 3);

  @TempDir Path root;

  @Test
  void gate1_pausedLeader_acknowledgesNothingStale() throws IOException {
    try (var nodes = new Children(root, "ledger", false).startAll()) {
      nodes.append("ledger", "put k old");
      int paused = nodes.leader("ledger");
      nodes.child(paused).signal("STOP");
      long begun = System.nanoTime();
      var answer = nodes.append("ledger", "cas k old new", paused);
      long gap = (System.nanoTime() - begun) / 1_000_000;
      // These wait in the pipe and are the first thing the old leader does when it wakes.
      var stale = new ArrayList<CompletableFuture<String>>();
      for (int i = 0; i < 5; i++) {
        stale.add(nodes.child(paused).ask("append ledger cas k old stale" + i));
        stale.add(nodes.child(paused).ask("append ledger get k"));
      }
      pause(Duration.ofSeconds(PAUSE_SECONDS));
      nodes.child(paused).signal("CONT");
      var seen = new ArrayList<String>();
      for (var call : stale) {
        seen.add(Child.get(call, Duration.ofSeconds(20)));
      }
      assertThat(answer).endsWith(" ok");
      assertThat(seen)
          .allSatisfy(one -> {
            assertThat(one).doesNotEndWith(" ok").doesNotEndWith(" old");
            assertThat(one).doesNotStartWith("broken");
          });
      assertThat(nodes.append("ledger", "get k")).endsWith(" new");
      // The one that slept takes part again.
      Eventually.until(
          "the paused node follows",
          () -> {
            var who = nodes.child(paused).answer("who ledger", Children.SHORT).split(" ", -1);
            return !who[1].equals("null");
          });
      report(
          String.format(
              Locale.ROOT,
              "1 paused leader (%d s): next write after %d ms; on waking %s",
              PAUSE_SECONDS,
              gap,
              seen));
    }
  }

  @Test
  void gate2_isolatedLeader_acknowledgesNothing_andStepsDown() throws IOException {
    try (var nodes = new Children(root, "ledger", false).startAll()) {
      nodes.append("ledger", "put k 1");
      for (boolean writing : new boolean[] {true, false}) {
        int leader = nodes.leader("ledger");
        var others = List.of((leader + 1) % 3, (leader + 2) % 3);
        others.forEach(other -> nodes.child(other).signal("STOP"));
        long begun = System.nanoTime();
        var stop = new AtomicBoolean();
        var calls = new ArrayList<CompletableFuture<String>>();
        var writer =
            Thread.ofVirtual()
                .start(() -> {
                  while (writing && !stop.get()) {
                    calls.add(nodes.child(leader).ask("append ledger put lost 1"));
                    pause(Duration.ofMillis(50));
                  }
                });
        Eventually.until(
            "the isolated leader steps down",
            () ->
                !nodes
                    .child(leader)
                    .answer("who ledger", Children.SHORT)
                    .split(" ", -1)[2]
                    .equals("true"));
        long steppedDown = (System.nanoTime() - begun) / 1_000_000;
        stop.set(true);
        join(writer);
        for (var call : calls) {
          assertThat(Child.get(call, Duration.ofSeconds(20))).doesNotStartWith("ok");
        }
        others.forEach(other -> nodes.child(other).signal("CONT"));
        long resumed = System.nanoTime();
        nodes.append("ledger", "put k 2");
        report(
            String.format(
                Locale.ROOT,
                "2 isolated leader, %s: stepped down after %d ms, %d appends unanswered or refused, writes again %d ms"
                    + " after the others woke",
                writing ? "writing" : "idle",
                steppedDown,
                calls.size(),
                (System.nanoTime() - resumed) / 1_000_000));
        assertThat(steppedDown).isLessThan(10_000);
      }
    }
  }

  @Test
  void gate5_fullDisk_isFatalThere_theOthersGoOn_andItComesBackWhenThereIsRoom()
      throws IOException, InterruptedException {
    var small = Files.createDirectories(root.resolve("small"));
    boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small.toString());
    try (var nodes = new Children(root, "ledger", false)) {
      nodes.directory(2, small.resolve("n3"));
      nodes.launch(0, List.of());
      nodes.launch(1, List.of());
      // Where nothing may be mounted, a bound on the size of a file fails writes the same way.
      nodes.launch(2, mounted ? List.of() : List.of("prlimit", "--fsize=8000000"));
      for (int i = 0; i < 3; i++) {
        nodes.connect(i);
      }
      var big = "x".repeat(200_000);
      int written = 0;
      while (!nodes.child(2).fatal().isDone() && written < 500) {
        nodes.append("ledger", "put k" + (written % 10) + " " + big);
        written++;
      }
      var fatal = Child.get(nodes.child(2).fatal(), Duration.ofSeconds(30));
      assertThat(fatal).contains("fatal");
      assertThat(nodes.append("ledger", "put after 1", 2)).startsWith("ok");
      assertThat(nodes.append("ledger", "get after", 2)).endsWith(" 1");
      nodes.kill(2);
      if (mounted) {
        assertThat(run("mount", "-o", "remount,size=400m", small.toString())).isTrue();
      }
      nodes.start(2);
      // Without it there is no majority.
      nodes.kill(0);
      assertThat(nodes.append("ledger", "put again 1", 0)).startsWith("ok");
      assertThat(nodes.append("ledger", "get after", 0)).endsWith(" 1");
      report(
          String.format(
              Locale.ROOT,
              "5 full disk (%s): %s after %d entries; the others go on, and it comes back",
              mounted ? "tmpfs" : "fsize",
              fatal,
              written));
    } finally {
      if (mounted) {
        run("umount", "-l", small.toString());
      }
    }
  }

  @Test
  void gate6and10_killedAgainAndAgain_noAcknowledgedChangeIsLost() throws IOException {
    try (var nodes = new Children(root, "ledger", false).startAll()) {
      nodes.append("ledger", "put begun 1");
      var chains = List.of(new Chains(), new Chains());
      var stop = new AtomicBoolean();
      var names = new AtomicInteger();
      var lastOkNanos = new java.util.concurrent.atomic.AtomicLong(System.nanoTime());
      var longestGap = new java.util.concurrent.atomic.AtomicLong();
      var clients = new ArrayList<Thread>();
      for (int c = 0; c < 4; c++) {
        int key = c % chains.size();
        clients.add(
            Thread.ofVirtual()
                .start(() ->
                    client(nodes, key, chains.get(key), names, stop, lastOkNanos, longestGap)));
      }
      long firstTerm = nodes.term(nodes.leader("ledger"), "ledger");
      int leadersKilled = 0;
      var gaps = new ArrayList<Long>();
      for (int kill = 0; kill < KILLS; kill++) {
        int leader = nodes.leader("ledger");
        int victim = kill % 3 == 2 ? (leader + 1) % 3 : leader;
        leadersKilled += victim == leader ? 1 : 0;
        longestGap.set(0);
        nodes.kill(victim);
        long before = chains.get(0).acknowledged();
        Eventually.until("the load goes on", () -> chains.get(0).acknowledged() > before + 5);
        gaps.add(longestGap.get() / 1_000_000);
        nodes.start(victim);
        long restarted = chains.get(0).acknowledged();
        Eventually.until("the load goes on", () -> chains.get(0).acknowledged() > restarted + 20);
      }
      stop.set(true);
      clients.forEach(GateTest::join);
      long terms = nodes.term(nodes.leader("ledger"), "ledger") - firstTerm;
      for (int key = 0; key < chains.size(); key++) {
        var last = nodes.append("ledger", "get reg" + key).split(" ", -1)[2];
        assertThat(chains.get(key).faults(last)).isEmpty();
      }
      report(
          String.format(
              Locale.ROOT,
              "6 and 10 kill -9 (%d, of which %d leaders): longest write gaps %s ms, elections beyond the kills of leaders"
                  + " %d; %d acknowledged changes all on one chain per key",
              KILLS,
              leadersKilled,
              gaps,
              terms - leadersKilled,
              chains.stream().mapToLong(Chains::acknowledged).sum()));
    }
  }

  private static void client(
      Children nodes,
      int key,
      Chains chain,
      AtomicInteger names,
      AtomicBoolean stop,
      java.util.concurrent.atomic.AtomicLong lastOkNanos,
      java.util.concurrent.atomic.AtomicLong longestGap) {
    var known = "-";
    int node = 0;
    while (!stop.get()) {
      var next = "v" + names.incrementAndGet();
      String answer;
      try {
        answer =
            nodes
                .child(node)
                .answerOrNull(
                    "append ledger cas reg" + key + " " + known + " " + next, Children.SHORT);
      } catch (IllegalStateException e) {
        answer = "refused";
      }
      if (answer != null && answer.startsWith("ok ")) {
        long now = System.nanoTime();
        longestGap.accumulateAndGet(now - lastOkNanos.getAndSet(now), Math::max);
        var part = answer.split(" ", 4);
        if (part[2].equals("ok")) {
          chain.add(new Chains.Change(known, next, true, Long.parseLong(part[1])));
          known = next;
        } else {
          known = part[3];
        }
      } else {
        if (answer == null || answer.startsWith("unknown")) {
          chain.add(new Chains.Change(known, next, false, 0));
        }
        node = (node + 1) % 3;
        pause(Duration.ofMillis(10));
      }
    }
  }

  @Test
  void gate7_closeIsBounded_evenWhileTheOthersAreFrozen() throws IOException {
    try (var nodes = new Children(root, "ledger,store", false).startAll()) {
      nodes.append("ledger", "put a 1");
      nodes.append("store", "put a 1");
      int leader = nodes.leader("store");
      var load = nodes.child(leader).ask("load 3 256 1");
      int other = (leader + 1) % 3;
      var calm = nodes.child(other).answer("close", Duration.ofSeconds(15));
      nodes.child((leader + 2) % 3).signal("STOP");
      var frozen = nodes.child(leader).answer("close", Duration.ofSeconds(15));
      assertThat(calm).startsWith("true");
      assertThat(frozen).startsWith("true");
      report(
          String.format(
              Locale.ROOT,
              "7 close: follower under load %s ms, leader with a frozen follower %s ms (%s)",
              calm,
              frozen,
              Child.get(load, Duration.ofSeconds(30))));
    }
  }

  @Test
  void gate8_unsafeDenied_isSaidAtOnce_andAllowedItWorks() throws IOException {
    var deny = new ArrayList<>(Child.JVM);
    deny.remove("--sun-misc-unsafe-memory-access=allow");
    deny.add("--sun-misc-unsafe-memory-access=deny");
    var voter = new Voter("n1", "s1", "127.0.0.1:1");
    var errors = Files.createTempFile(root, "errors", ".txt");
    try (var child =
        new Child(
            voter, List.of(voter), root.resolve("denied"), 0, "ledger", deny, List.of(), errors)) {
      assertThat(child.exitCode(Duration.ofSeconds(30))).isNotZero();
    }
    assertThat(Files.readString(errors))
        .contains("start it with --sun-misc-unsafe-memory-access=allow");
    for (var groups : List.of("ledger", "ledger,store")) {
      try (var nodes =
          new Children(root.resolve(groups.replace(",", "-")), groups, false).startAll()) {
        nodes.append("ledger", "put a 1");
        nodes.append("ledger", "put big " + "x".repeat(500_000));
        assertThat(nodes.append("ledger", "get a")).endsWith(" 1");
        report(
            String.format(
                Locale.ROOT,
                "8 Unsafe denied: refused with advice; allowed, groups %s: leader %s",
                groups,
                nodes.child(nodes.leader("ledger")).answer("memory", Children.SHORT)));
      }
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }

  private static void report(String seen) {
    System.err.println("GATE " + seen);
  }

  /** Time that is itself the fault or the load, not a wait for something to happen. */
  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
