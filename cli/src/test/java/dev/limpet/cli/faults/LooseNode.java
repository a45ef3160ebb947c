package dev.limpet.cli.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A node that a test starts by hand, beside a cluster that will not have it; killed at the end. */
final class LooseNode implements AutoCloseable {
  private final Process process;
  private final Path log;

  private LooseNode(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts {@code limpet node} on free ports of loopback, with its data and log in a folder of its own. */
  static LooseNode start(Path folder, String id, List<String> arguments) throws IOException {
    Files.createDirectories(folder);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FaultyCluster.JVM);
    command.addAll(
        List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(NodeImage.arguments());
    command.addAll(List.of("dev.limpet.cli.Main", "node"));
    command.addAll(List.of("--id", id, "--data", folder.resolve("data").toString()));
    command.addAll(
        List.of("--cluster", FaultyCluster.freeAddress(), "--http", FaultyCluster.freeAddress()));
    command.addAll(arguments);
    Path log = folder.resolve("log");
    return new LooseNode(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        log);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  List<String> lines() {
    try {
      return Files.readAllLines(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public void close() {
    Process unused = process.destroyForcibly();
  }
}
