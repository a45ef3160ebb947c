package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three minutes of chaos in real JVMs: five in network namespaces where these are allowed, three on loopback where not.
 * {@code -Dlimpet.chaos.minutes=30 -Dlimpet.test.seconds=3600} makes it longer, {@code -Dlimpet.chaos.faults=KIND,...}
 * chooses other faults, {@code -Dlimpet.chaos.seed=N} repeats a seed.
 */
@Tag("faults")
@Tag("alone")
@Timeout(value = 75, unit = TimeUnit.MINUTES)
class ChaosTest {
  private static final String FAULTS =
      System.getProperty(
          "limpet.chaos.faults", "kill,stop,clock,hang,disk,partition,leader,oneway,delay,loss");

  @BeforeAll
  static void prepare() {
    NodeImage.use();
  }

  @Test
  void faults_leaveEveryAnswerExplainableByOneCopy(@TempDir Path folder) throws IOException {
    String seed =
        System.getProperty("limpet.chaos.seed", Long.toString(System.nanoTime() % 1_000_000));
    Shell run =
        Shell.run(
            "chaos",
            "--minutes",
            System.getProperty("limpet.chaos.minutes", "3"),
            "--seed",
            seed,
            "--faults",
            FAULTS,
            "--out",
            folder.toString());
    System.err.println("faults: chaos:\n" + run.out());
    assertThat(run.exitCode()).as("seed %s: %s%s", seed, run.out(), run.err()).isZero();
    assertThat(run.out()).containsPattern("RESULT case=chaos .* faults=[1-9][0-9]* ");
    assertThat(folder.resolve("history.jsonl")).isNotEmptyFile();
    assertThat(Files.readString(folder.resolve("report.html"))).contains("PASSED");
  }
}
