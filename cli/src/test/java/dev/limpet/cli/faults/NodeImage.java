package dev.limpet.cli.faults;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An ahead-of-time cache for the nodes that tests start, as the launcher makes one: a start costs half of the processor
 * time then, and there are dozens. It wants a class path of jars only. Where modules are compiled but not packaged, or if
 * it cannot be made, the nodes start without.
 */
final class NodeImage {
  private static final Path FOLDER = Path.of("target", "nodes").toAbsolutePath();
  private static final List<String> QUIET = List.of("-Xlog:aot*=off", "-Xlog:cds*=off");
  private static final int SECONDS_MAX = 120;

  /** Arguments of a node's JVM, its class path among them. */
  private static final List<String> ARGUMENTS = make();

  private NodeImage() {}

  /** What a JVM gets that is to run a node: the cache, if there is one, and the class path. */
  static List<String> arguments() {
    return ARGUMENTS;
  }

  /** The nodes that this JVM starts from now on use it. */
  static void use() {
    try {
      Path file = FOLDER.resolve("arguments");
      Files.createDirectories(FOLDER);
      Files.write(file, ARGUMENTS.stream().map(a -> '"' + a.replace("\\", "\\\\") + '"').toList());
      System.setProperty("limpet.nodes.arguments", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> make() {
    String plain = System.getProperty("java.class.path");
    try {
      String jars = jars(plain);
      if (jars != null) {
        Path cache = FOLDER.resolve("nodes.aot");
        Files.deleteIfExists(cache);
        rehearse(jars, cache);
        if (Files.exists(cache)) {
          List<String> arguments = new ArrayList<>(QUIET);
          arguments.addAll(List.of("-XX:AOTCache=" + cache, "-cp", jars));
          return List.copyOf(arguments);
        }
      }
    } catch (IOException e) {
      System.err.println("faults: the nodes start without a cache: " + e);
    }
    return List.of("-cp", plain);
  }

  /** The class path with this module's own classes in a jar; null if there are other classes that are in none. */
  private static @Nullable String jars(String classPath) throws IOException {
    Path own = Path.of("target", "classes").toAbsolutePath();
    Path tests = Path.of("target", "test-classes").toAbsolutePath();
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (path.equals(own)) {
        entries.add(packed(own).toString());
      } else if (entry.endsWith(".jar")) {
        entries.add(entry);
      } else if (!path.equals(tests)) {
        return null;
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static Path packed(Path classes) throws IOException {
    Files.createDirectories(FOLDER);
    Path jar = FOLDER.resolve("cli.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      for (Path one : all.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(
            new JarEntry(classes.relativize(one).toString().replace(File.separatorChar, '/')));
        Files.copy(one, out);
      }
    }
    return jar;
  }

  private static void rehearse(String classPath, Path cache) throws IOException {
    // A new one each time: a node knows the cluster of its directory again.
    Path data = Files.createTempDirectory(FOLDER, "rehearsal");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-ea",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:AOTCacheOutput=" + cache));
    command.addAll(QUIET);
    command.addAll(List.of("-cp", classPath, "dev.limpet.cli.Rehearsal", data.toString()));
    Process rehearsal =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(FOLDER.resolve("rehearsal.log").toFile())
            .start();
    try {
      if (!rehearsal.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        Process unused = rehearsal.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
