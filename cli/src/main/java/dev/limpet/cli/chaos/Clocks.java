package dev.limpet.cli.chaos;

import dev.limpet.cli.cluster.Folders;
import dev.limpet.cli.cluster.NodeChild;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** The wall clocks of nodes, which can be set where the nodes have the {@link ClockAgent}. For one thread. */
final class Clocks implements AutoCloseable {
  /** Null where nodes read the machine's. */
  private final @Nullable Path folder;

  private Clocks(@Nullable Path folder) {
    this.folder = folder;
  }

  /**
   * The clocks of nodes that do not run yet.
   *
   * @param settable whether they are to have the agent
   */
  static Clocks make(boolean settable) throws IOException {
    if (!settable) {
      return new Clocks(null);
    }
    Path folder = Files.createTempDirectory("limpet-clocks-");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", ClockAgent.class.getName());
    // The agent's classes are on the class path of every node.
    try (OutputStream out = Files.newOutputStream(agent(folder))) {
      new JarOutputStream(out, manifest).close();
    }
    return new Clocks(folder);
  }

  private static Path agent(Path folder) {
    return folder.resolve("agent.jar");
  }

  /** What the JVM of a node is to be given. */
  List<String> jvmOptions() {
    return folder == null ? List.of() : List.of("-javaagent:" + agent(folder) + "=" + folder);
  }

  /** Sets the clock of a node that runs, to the machine's time and that many milliseconds; a new start sets it right. */
  void set(NodeChild node, long shiftMillis) {
    if (folder == null) {
      throw new IllegalStateException("the nodes read the machine's own clock");
    }
    String pid = Long.toString(node.pid());
    try {
      Path written = folder.resolve(pid + ".new");
      Files.writeString(written, Long.toString(shiftMillis));
      Files.move(
          written,
          folder.resolve(pid),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("the clock of " + node.id() + " cannot be set", e);
    }
  }

  @Override
  public void close() {
    if (folder != null) {
      try {
        Folders.delete(folder);
      } catch (IOException e) {
        // A temporary folder that is left is a nuisance; the system will clear it away.
      }
    }
  }
}
