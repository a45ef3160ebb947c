package dev.limpet.cli.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts programs on this JVM's own Java, options and class path. */
public final class OwnJvm {
  private OwnJvm() {}

  /**
   * The beginning of a command; the program's arguments follow.
   *
   * @param program its main class
   * @param options for its JVM, which win over this JVM's own
   */
  public static List<String> command(String program, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program));
    return command;
  }
}
