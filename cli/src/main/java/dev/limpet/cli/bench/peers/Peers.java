package dev.limpet.cli.bench.peers;

import dev.limpet.cli.bench.OwnJvm;
import dev.limpet.cli.bench.peers.Contender.Load;
import dev.limpet.cli.cluster.Folders;
import dev.limpet.cli.console.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code limpet bench --peers}: Limpet, Pekko, Erlang, PostgreSQL and the bare loopback, side by side. */
public final class Peers {
  /** The launcher's word for the project's folder. */
  private static final String ROOT = "limpet.root";

  private static final int ROUNDS_THAT_SAY_SOMETHING = 5;
  private static final int START_SECONDS = 180;

  private final Load load;
  private final PrintWriter out;
  private final PrintWriter err;

  /** Has measured nothing yet; the numbers as in {@code limpet bench}. */
  public Peers(
      int keys,
      int window,
      int processes,
      int warmSeconds,
      int seconds,
      PrintWriter out,
      PrintWriter err) {
    this.load = new Load(keys, window, processes, warmSeconds, seconds);
    this.out = out;
    this.err = err;
  }

  /**
   * Measures those of the names, or all for none, prints the table, and as the last line the ratios. False if a turn failed.
   *
   * @throws Refusal if a name is not known, or none of them can be measured here
   */
  public boolean run(int rounds, Set<String> only) throws InterruptedException {
    return run(rounds, chosen(all(harnesses(), launcher()), only));
  }

  boolean run(int rounds, List<Contender> contenders) throws InterruptedException {
    Path temporary = temporary();
    PeersRun run = new PeersRun(load, temporary, patienceSeconds(), err);
    Thread atExit = new Thread(() -> stop(run, temporary), "end-peers");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      List<Contender> able = run.able(contenders);
      if (able.isEmpty()) {
        throw Refusal.failed("nothing of what was asked for can be measured here");
      }
      PeerTable table = new PeerTable(rounds, run.rounds(rounds, able));
      table.lines().forEach(out::println);
      if (rounds < ROUNDS_THAT_SAY_SOMETHING) {
        say(
            "fewer than "
                + ROUNDS_THAT_SAY_SOMETHING
                + " rounds: chance may be larger than what differs");
      }
      if (run.failures() > 0) {
        say(run.failures() + " turns failed and do not count");
      }
      out.println(table.result());
      out.flush();
      return run.failures() == 0;
    } finally {
      stop(run, temporary);
      forget(atExit);
    }
  }

  private int patienceSeconds() {
    return START_SECONDS + 3 * (load.warmSeconds() + load.seconds()) + load.processes() / 1_000;
  }

  /** All that there is to measure, in the order in which it is named. */
  static List<Contender> all(Path harnesses, List<String> launcher) {
    return List.of(
        Contender.limpet(launcher),
        Contender.script(
            "pekko", harnesses, EnumSet.of(PeerCase.LOCAL, PeerCase.REMOTE, PeerCase.ACTIVATE)),
        Contender.script("erlang", harnesses, EnumSet.of(PeerCase.LOCAL, PeerCase.REMOTE)),
        Contender.script("raw", harnesses, EnumSet.of(PeerCase.REMOTE)),
        Contender.script("postgres", harnesses, EnumSet.of(PeerCase.DURABLE)));
  }

  /** Those with the names; all for none. */
  static List<Contender> chosen(List<Contender> all, Set<String> names) {
    Set<String> known = all.stream().map(Contender::name).collect(Collectors.toUnmodifiableSet());
    for (String name : names) {
      if (!known.contains(name)) {
        throw Refusal.usage(
            "there is no contender \"%s\"; there are: %s"
                .formatted(
                    name, all.stream().map(Contender::name).collect(Collectors.joining(", "))));
      }
    }
    return all.stream().filter(it -> names.isEmpty() || names.contains(it.name())).toList();
  }

  private static Path harnesses() {
    Path folder = Path.of(System.getProperty(ROOT, "")).resolve("bench").resolve("peers");
    if (!Files.isDirectory(folder)) {
      throw Refusal.failed(
          "the harnesses of the others are in bench/peers of the sources: run ./limpet there");
    }
    return folder.toAbsolutePath();
  }

  /** The command that starts this program again, with this JVM's own options. */
  private static List<String> launcher() {
    return OwnJvm.command("dev.limpet.cli.Main");
  }

  /** Others may pass through it: PostgreSQL runs as a user of its own if we are root. */
  private static Path temporary() {
    try {
      Path folder = Files.createTempDirectory("limpet-peers-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
      return folder;
    } catch (IOException e) {
      throw Refusal.failed("no temporary folder can be made: " + e.getMessage());
    }
  }

  private void stop(PeersRun run, Path temporary) {
    run.close();
    try {
      Folders.delete(temporary);
    } catch (IOException e) {
      say("the temporary folder " + temporary + " cannot be deleted: " + e.getMessage());
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This JVM is ending: it does the same.
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
