package dev.limpet.cli.faults;

import static dev.limpet.cli.faults.FaultyCluster.freeAddress;
import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.cluster.SmallDisks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a node says that cannot start: one line with a code, no stack trace, and an exit code that is not 0. */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class BadStartTest {
  private static final int END_SECONDS = 60;

  @TempDir Path folder;

  /** A node that was started to fail: its exit code, and what it printed. */
  private record Ended(int exitCode, List<String> lines) {
    void refusedWith(String code) {
      assertThat(exitCode).as("exit code after %s", lines).isNotZero();
      assertThat(lines).as("no stack trace").noneMatch(line -> line.startsWith("\tat "));
      assertThat(lines.getLast()).startsWith("limpet: ").contains(code);
      assertThat(lines).filteredOn(line -> line.startsWith("limpet: ")).hasSize(1);
    }
  }

  @Test
  void httpPortInUse_isSaid(FaultyCluster cluster) throws IOException {
    String taken = cluster.nodes().getFirst().http();
    node("--id", "n9", "--data", folder.toString(), "--cluster", freeAddress(), "--http", taken)
        .refusedWith("LMP-4003");
  }

  @Test
  void clusterPortInUse_isSaid(FaultyCluster cluster) throws IOException {
    String taken = cluster.nodes().getFirst().cluster();
    node("--id", "n9", "--data", folder.toString(), "--cluster", taken, "--http", freeAddress())
        .refusedWith("LMP-4003");
  }

  @Test
  void dataDirectoryInUse_isSaid(FaultyCluster cluster) throws IOException {
    NodeChild first = cluster.nodes().getFirst();
    Await.until("a node is up", END_SECONDS, first::isReady);
    node(
            "--id",
            first.id(),
            "--data",
            first.data().toString(),
            "--cluster",
            freeAddress(),
            "--http",
            freeAddress())
        .refusedWith("LMP-4004");
  }

  @Test
  void dataDirectoryOfAnotherNodeOrCluster_isSaid(FaultyCluster cluster) throws IOException {
    NodeChild first = cluster.nodes().getFirst();
    first.kill();
    String data = first.data().toString();
    node("--id", "n9", "--data", data, "--cluster", freeAddress(), "--http", freeAddress())
        .refusedWith("LMP-4005");
    node(
            "--id",
            first.id(),
            "--cluster-name",
            "other",
            "--data",
            data,
            "--cluster",
            freeAddress(),
            "--http",
            freeAddress())
        .refusedWith("LMP-4005");
    cluster.heal();
  }

  @Test
  void dataDirectoryThatCannotBeWritten_isSaid() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    boolean closed = data.toFile().setWritable(false) && !Files.isWritable(data);
    // Nothing is forbidden to root but by the file system itself.
    boolean mounted = !closed && SmallDisks.mountReadOnly(data);
    try {
      if (closed || mounted) {
        node(
                "--id",
                "n9",
                "--data",
                data.toString(),
                "--cluster",
                freeAddress(),
                "--http",
                freeAddress())
            .refusedWith("LMP-4012");
      } else {
        System.err.println("faults: LEFT OUT, nothing can be made read-only here: the start on it");
      }
    } finally {
      if (mounted) {
        SmallDisks.unmount(data);
      }
    }
  }

  @Test
  void wrongFlag_isSaid() throws IOException {
    Ended ended = node("--id", "n9", "--dat", folder.toString());
    assertThat(ended.exitCode).isEqualTo(2);
    assertThat(ended.lines).hasSize(1);
    assertThat(ended.lines.getFirst()).startsWith("limpet: ").contains("--dat").contains("--help");
    node("--http", "nowhere").refusedWith("LMP-4002");
  }

  private Ended node(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(NodeImage.arguments());
    command.addAll(List.of("dev.limpet.cli.Main", "node"));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("said.log");
    Process node =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean ended = node.waitFor(END_SECONDS, TimeUnit.SECONDS);
      List<String> said = Files.readAllLines(log, StandardCharsets.UTF_8);
      assertThat(ended).as("whether it ended, after it said %s", said).isTrue();
      return new Ended(node.exitValue(), said);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      node.destroyForcibly();
    }
  }
}
