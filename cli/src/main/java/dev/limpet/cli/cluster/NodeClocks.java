package dev.limpet.cli.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/*
 * The clock of a machine is everybody's, and a kernel's time namespaces leave the wall clock out. libfaketime stands
 * between a JVM and its C library, and reads once a second, from a file, how wrong the wall clock is to be. Monotonic
 * clocks pass through it untouched.
 */
/** The wall clocks of nodes, to be stepped one by one; where libfaketime is installed. */
public final class NodeClocks implements AutoCloseable {
  private static final String PRELOAD = "LD_PRELOAD=";

  private final String library;
  private final Path folder;
  private final Map<String, Path> files = new HashMap<>();

  private NodeClocks(String library, Path folder) {
    this.library = library;
    this.folder = folder;
  }

  /** Null where there is no libfaketime (on Debian, {@code apt install faketime}). */
  public static @Nullable NodeClocks find() throws IOException {
    Process env;
    try {
      env = new ProcessBuilder("faketime", "-m", "-f", "+0", "env").start();
    } catch (IOException e) {
      return null;
    }
    String told = new String(env.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!env.waitFor(10, TimeUnit.SECONDS)) {
        env.destroyForcibly();
        return null;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    String library = told.lines().filter(line -> line.startsWith(PRELOAD)).findFirst().orElse(null);
    return library == null ? null : new NodeClocks(library, Files.createTempDirectory("limpet-"));
  }

  /** The command before a node's own that gives it such a clock; it becomes what it starts. */
  public List<String> launcher(String id) throws IOException {
    files.put(id, folder.resolve(id));
    step(id, 0);
    return List.of(
        "env",
        library,
        "FAKETIME_TIMESTAMP_FILE=" + files.get(id),
        "FAKETIME_CACHE_DURATION=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        "DONT_FAKE_MONOTONIC=1",
        "NO_FAKE_STAT=1");
  }

  /** Within a second this node's wall clock is so many seconds before or behind the machine's. */
  public void step(String id, long seconds) throws IOException {
    Path file = files.get(id);
    if (file == null) {
      throw new IllegalArgumentException(id + " has no clock of its own");
    }
    Path next = folder.resolve(id + ".next");
    Files.writeString(next, String.format(Locale.ROOT, "%+d%n", seconds));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    try {
      Folders.empty(folder);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ", " + e.getMessage());
    }
  }
}
