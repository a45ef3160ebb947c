package dev.limpet.cli.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.cli.bench.peers.Contender.Load;
import dev.limpet.cli.console.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole run, with contenders that are small scripts. */
@Timeout(60)
class PeersTest {
  private static final String MEASURES =
      """
      [ "$1" = prepare ] && exit
      echo "$0 $@" >>"%s"
      echo "MEASURE window=$3"
      echo "RESULT window=$3 calls=100 rate=%d/s p50=5us p99=9us failed=0"
      """;

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Peers peers =
      new Peers(7, 16, 9, 1, 2, new PrintWriter(out, true), new PrintWriter(err, true));

  private Contender contender(String name, String script) throws IOException {
    Path file = Files.createDirectory(folder.resolve(name)).resolve("run.sh");
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return Contender.script(name, folder, EnumSet.of(PeerCase.LOCAL, PeerCase.ACTIVATE));
  }

  private Path calls() {
    return folder.resolve("calls");
  }

  private Contender thatMeasures(String name, int rate) throws IOException {
    return contender(name, MEASURES.formatted(calls(), rate));
  }

  @Test
  void contenders_takeTurnsBackAndForth_andTheLastLineHasTheRatios() throws Exception {
    boolean good = peers.run(2, List.of(thatMeasures("limpet", 300), thatMeasures("other", 100)));
    assertThat(good).isTrue();
    assertThat(
            Files.readAllLines(calls()).stream()
                .map(call -> call.substring(folder.toString().length() + 1)))
        .containsExactly(
            "limpet/run.sh local 7 16 1 2",
            "other/run.sh local 7 16 1 2",
            "limpet/run.sh activate 9 16 1 2",
            "other/run.sh activate 9 16 1 2",
            "other/run.sh activate 9 16 1 2",
            "limpet/run.sh activate 9 16 1 2",
            "other/run.sh local 7 16 1 2",
            "limpet/run.sh local 7 16 1 2");
    assertThat(out.toString().lines().toList())
        .hasSize(6)
        .last()
        .isEqualTo("RESULT case=peers rounds=2 local-other=3.00 activate-other=3.00");
    assertThat(err.toString()).contains("fewer than 5 rounds");
  }

  @Test
  void contenderThatIsNotThere_isLeftOutWithItsOwnWords() throws Exception {
    boolean good =
        peers.run(
            1,
            List.of(
                thatMeasures("limpet", 1), contender("other", "echo install other-tools\nexit 1")));
    assertThat(good).isTrue();
    assertThat(err.toString()).contains("without other: install other-tools\n");
    assertThat(Files.readAllLines(calls())).hasSize(2);
  }

  @Test
  void turnThatFails_isTold_doesNotCount_andTheRunSaysSo() throws Exception {
    String fails = MEASURES.formatted(calls(), 5) + "echo it went wrong\n[ $1 != local ]\n";
    boolean good = peers.run(1, List.of(thatMeasures("limpet", 10), contender("other", fails)));
    assertThat(good).isFalse();
    assertThat(err.toString()).contains("it went wrong").contains("1 turns failed");
    assertThat(out.toString().lines().toList().getLast())
        .isEqualTo("RESULT case=peers rounds=1 activate-other=2.00");
  }

  @Test
  void close_endsTheChildAndWhatItStarted() throws Exception {
    Path pipe = folder.resolve("pid");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Contender endless = contender("other", "sleep 1000 &\necho $! >'%s'\nwait\n".formatted(pipe));
    PeersRun run = new PeersRun(new Load(1, 1, 1, 1, 1), folder, 1_000, new PrintWriter(err));
    FutureTask<List<Contender>> able = new FutureTask<>(() -> run.able(List.of(endless)));
    Thread runs = Thread.ofVirtual().start(able);
    // Returns when the child has written it.
    long pid = Long.parseLong(Files.readString(pipe).strip());
    run.close();
    runs.join();
    assertThat(able.get()).isEmpty();
    Optional<ProcessHandle> sleeper = ProcessHandle.of(pid);
    if (sleeper.isPresent()) {
      assertThat(sleeper.get().onExit().get().isAlive()).isFalse();
    }
  }

  @Test
  void childThatDoesNotEnd_isEndedInTheEnd() throws Exception {
    Contender endless = contender("other", "sleep 1000\n");
    try (PeersRun run = new PeersRun(new Load(1, 1, 1, 1, 1), folder, 1, new PrintWriter(err))) {
      assertThat(run.able(List.of(endless))).isEmpty();
    }
    assertThat(err.toString()).contains("without other: not done after 1 s");
  }

  @Test
  void nothingThere_isRefused() throws Exception {
    Contender missing = contender("other", "exit 1");
    assertThatThrownBy(() -> peers.run(1, List.of(missing)))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("nothing of what was asked for");
  }

  @Test
  void names_chooseContenders() {
    List<Contender> all = Peers.all(folder, List.of("java"));
    assertThat(Peers.chosen(all, Set.of())).hasSize(5);
    assertThat(Peers.chosen(all, Set.of("raw", "limpet")))
        .extracting(Contender::name)
        .containsExactly("limpet", "raw");
    assertThatThrownBy(() -> Peers.chosen(all, Set.of("orleans")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("limpet, pekko, erlang, raw, postgres");
  }
}
