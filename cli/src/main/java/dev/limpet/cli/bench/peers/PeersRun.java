package dev.limpet.cli.bench.peers;

import dev.limpet.cli.bench.peers.Contender.Load;
import dev.limpet.cli.bench.peers.Transcript.Measured;
import dev.limpet.cli.console.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs contenders one after the other, and reads what they print. One thread runs them; any may close it, which ends the
 * one that runs and lets no other start.
 */
final class PeersRun implements AutoCloseable {
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Load load;
  private final Path temporary;
  private final int patienceSeconds;
  private final PrintWriter err;

  private @Nullable ProcessTree running;
  private boolean closed;
  private int failures;

  /**
   * Runs nothing yet.
   *
   * @param temporary where children may put files
   * @param patienceSeconds after which a child is ended, whatever it does
   * @param err for people
   */
  PeersRun(Load load, Path temporary, int patienceSeconds, PrintWriter err) {
    this.load = load;
    this.temporary = temporary;
    this.patienceSeconds = patienceSeconds;
    this.err = err;
  }

  /** What came of a child. */
  private record Outcome(boolean endedWell, Transcript said) {}

  /** Those that can be measured here; of each of the others, a line says what it wants. */
  List<Contender> able(List<Contender> contenders) throws InterruptedException {
    List<Contender> able = new ArrayList<>();
    for (Contender contender : contenders) {
      if (contender.prepare().isEmpty()) {
        able.add(contender);
        continue;
      }
      Outcome asked = run(contender.prepare());
      if (asked.endedWell()) {
        able.add(contender);
      } else {
        List<String> words = asked.said().lastWords();
        say(
            "without %s: %s"
                .formatted(
                    contender.name(), words.isEmpty() ? "it cannot be run" : words.getLast()));
      }
    }
    return able;
  }

  /** All rounds; a turn that failed is told of, and is not among the samples. */
  List<Sample> rounds(int rounds, List<Contender> contenders) throws InterruptedException {
    List<Sample> samples = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      for (Rounds.Turn turn : Rounds.turns(round, contenders)) {
        String name = turn.contender().name();
        say("round %d of %d: %s, %s".formatted(round, rounds, turn.which().word(), name));
        Outcome outcome = run(turn.contender().command().apply(turn.which(), load));
        List<Measured> measured = outcome.said().measured();
        if (outcome.endedWell() && !measured.isEmpty()) {
          for (Measured it : measured) {
            samples.add(new Sample(name, turn.which(), round, it.figures(), it.cpuMicrosEach()));
          }
        } else {
          failures++;
          say("that failed and does not count; its last words:");
          outcome.said().lastWords().forEach(line -> say("  " + line));
        }
      }
    }
    return samples;
  }

  /** How many turns did not count. */
  int failures() {
    return failures;
  }

  private Outcome run(List<String> command) throws InterruptedException {
    Process child;
    ProcessTree tree;
    synchronized (this) {
      if (closed) {
        throw Refusal.failed("the run is being stopped");
      }
      child = start(command);
      tree = new ProcessTree(child);
      running = tree;
    }
    Transcript said = new Transcript(tree::cpuNanos);
    Thread reading = Thread.ofVirtual().name("reading").start(() -> read(child, said));
    try {
      if (child.waitFor(patienceSeconds, TimeUnit.SECONDS)) {
        // Ending it closes the pipe; what it left behind may hold that open.
        boolean unused = reading.join(LAST_WORDS);
      } else {
        said.read("not done after " + patienceSeconds + " s");
      }
    } finally {
      tree.end();
    }
    return new Outcome(child.waitFor() == 0, said);
  }

  private static void read(Process child, Transcript said) {
    try (BufferedReader reader = child.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        said.read(line);
      }
    } catch (IOException e) {
      said.read("what it says cannot be read: " + e.getMessage());
    }
  }

  private Process start(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TMPDIR", temporary.toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw Refusal.failed(command.getFirst() + " cannot be started: " + e.getMessage());
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }

  @Override
  public void close() {
    ProcessTree last;
    synchronized (this) {
      closed = true;
      last = running;
    }
    if (last != null) {
      last.end();
    }
  }
}
