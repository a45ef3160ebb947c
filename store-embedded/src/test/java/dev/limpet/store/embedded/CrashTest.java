package dev.limpet.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that dies at any point leaves a state that the log can go on from: the state of some entry not before the
 * last checkpoint, with nothing torn.
 */
class CrashTest {
  private static final int CRASHES = 6;

  @TempDir Path home;

  @Test
  @Timeout(180)
  void halt_atAnyPoint_leavesAStateThatReplayCompletes() throws Exception {
    long seed = System.nanoTime();
    Workload workload = new Workload(seed);
    Map<String, ModelState> models = new HashMap<>();
    List<Long> positions = new ArrayList<>();
    for (int crash = 0; crash < CRASHES; crash++) {
      runUntilItHalts(seed, seed + crash);
      for (String name : List.of("first", "second")) {
        String where = "seed " + seed + ", crash " + crash + ", " + name;
        ModelState model = models.computeIfAbsent(name, n -> new ModelState(workload));
        positions.add(reopenAndReplay(workload, name, model, where));
      }
    }
    assertThat(positions)
        .as("seed " + seed + ": something was saved before some crash")
        .anyMatch(p -> p > 100);
  }

  private long reopenAndReplay(Workload workload, String name, ModelState model, String where)
      throws IOException {
    RocksStateMachine machine = CrashingReplica.machine();
    try {
      long found = machine.open(Files.createDirectories(home.resolve(name)), null).index();
      assertThat(found).as(where).isGreaterThanOrEqualTo(CrashingReplica.floor(home, name));
      model.advanceTo(found);
      model.assertSameAs(machine, where + ", as found at " + found);
      for (long index = found + 1; index <= found + 100; index++) {
        assertThat(machine.apply(new Position(1, index), workload.entry(index))).isNotEmpty();
      }
      model.advanceTo(found + 100);
      model.assertSameAs(machine, where + ", after replay from " + found);
      return found;
    } finally {
      machine.close();
    }
  }

  private void runUntilItHalts(long workloadSeed, long crashSeed)
      throws IOException, InterruptedException {
    Path output = home.resolve("child.log");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingReplica.class.getName(),
                home.toString(),
                Long.toString(workloadSeed),
                Long.toString(crashSeed))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("the child halted by itself").isTrue();
      assertThat(child.exitValue()).as(Files.readString(output)).isEqualTo(CrashingReplica.HALTED);
    } finally {
      child.destroyForcibly();
    }
  }
}
