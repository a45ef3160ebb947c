package dev.limpet.cli.faults;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An ahead-of-time cache for the nodes that tests start, as the launcher makes one: a start costs half of the processor
 * time then, and there are dozens. It wants a class path of jars only. Where modules are compiled but not packaged, or if
 * it cannot be made, the nodes start without.
 */
final class NodeImage {
  private static final Path FOLDER = Path.of("target", "nodes").toAbsolutePath();
  private static final Path OWN = Path.of("target", "classes").toAbsolutePath();
  private static final List<String> QUIET = List.of("-Xlog:aot*=off", "-Xlog:cds*=off");
  private static final int SECONDS_MAX = 120;

  /** A JVM whose compiler keeps to its first tier has no use for more than the names of what is called. */
  private static final String CALLS_SECONDS = "1";

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
      Path file = FOLDER.resolve("arguments-" + ProcessHandle.current().pid());
      Files.createDirectories(FOLDER);
      Files.write(file, ARGUMENTS.stream().map(a -> '"' + a.replace("\\", "\\\\") + '"').toList());
      System.setProperty("limpet.nodes.arguments", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> make() {
    String plain = System.getProperty("java.class.path");
    List<Path> entries = entries(plain);
    if (entries == null) {
      return List.of("-cp", plain);
    }
    try {
      Files.createDirectories(FOLDER);
      // Another JVM of tests may run beside this one: the first makes the cache, the other waits
      // here and uses it too.
      try (FileChannel file = FileChannel.open(FOLDER.resolve("lock"), CREATE, WRITE);
          FileLock held = file.lock()) {
        return madeUnder(held, entries, plain);
      }
    } catch (IOException e) {
      System.err.println("faults: the nodes start without a cache: " + e);
      return List.of("-cp", plain);
    }
  }

  private static List<String> madeUnder(FileLock held, List<Path> entries, String plain)
      throws IOException {
    assert held.isValid();
    Path jar = FOLDER.resolve("cli.jar");
    Path cache = FOLDER.resolve("nodes.aot");
    Path madeOf = FOLDER.resolve("made-of");
    String classPath =
        entries.stream()
            .map(e -> e.equals(OWN) ? jar.toString() : e.toString())
            .collect(Collectors.joining(File.pathSeparator));
    String seen = described(entries);
    if (!Files.exists(cache) || !Files.exists(madeOf) || !Files.readString(madeOf).equals(seen)) {
      Files.deleteIfExists(madeOf);
      Files.deleteIfExists(cache);
      pack(jar);
      rehearse(classPath, cache);
      if (!Files.exists(cache)) {
        return List.of("-cp", plain);
      }
      Files.writeString(madeOf, seen);
    }
    List<String> arguments = new ArrayList<>(QUIET);
    arguments.addAll(List.of("-XX:AOTCache=" + cache, "-cp", classPath));
    return List.copyOf(arguments);
  }

  /** The class path but for the tests: jars and this module's own classes; null if there are other classes in no jar. */
  private static @Nullable List<Path> entries(String classPath) {
    Path tests = Path.of("target", "test-classes").toAbsolutePath();
    List<Path> entries =
        Stream.of(classPath.split(File.pathSeparator))
            .map(Path::of)
            .filter(e -> !e.equals(tests))
            .toList();
    return entries.stream().allMatch(e -> e.equals(OWN) || e.toString().endsWith(".jar"))
        ? entries
        : null;
  }

  /** What a cache depends on: the JVM, and each file with its size and time. */
  private static String described(List<Path> entries) throws IOException {
    StringBuilder seen = new StringBuilder(System.getProperty("java.vm.version")).append('\n');
    for (Path entry : entries) {
      for (Path file : files(entry)) {
        seen.append(file).append(' ').append(Files.size(file)).append(' ');
        seen.append(Files.getLastModifiedTime(file)).append('\n');
      }
    }
    return seen.toString();
  }

  private static List<Path> files(Path entry) throws IOException {
    try (Stream<Path> all = Files.walk(entry)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void pack(Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path one : files(OWN)) {
        out.putNextEntry(
            new JarEntry(OWN.relativize(one).toString().replace(File.separatorChar, '/')));
        Files.copy(one, out);
      }
    }
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
    command.addAll(
        List.of("-cp", classPath, "dev.limpet.cli.Rehearsal", data.toString(), CALLS_SECONDS));
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
