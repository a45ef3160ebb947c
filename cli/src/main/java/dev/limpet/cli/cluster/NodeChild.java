package dev.limpet.cli.cluster;

import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One node of a cluster on this machine, in a JVM of its own: started, killed, frozen and started again. */
public final class NodeChild {
  private static final int ANSWER_MILLIS = 1_000;

  private final String id;
  private final String http;
  private final String cluster;
  private final Path data;
  private final Path log;
  private final List<String> launcher;
  private final List<String> jvmOptions;
  private final List<String> arguments;
  private final ChildEnds ends;
  private @Nullable Process child;
  private boolean ended;

  NodeChild(
      String id,
      LocalCluster.Place place,
      Path folder,
      String seeds,
      List<String> jvmOptions,
      List<String> moreArguments,
      ChildEnds ends) {
    this.id = id;
    this.ends = ends;
    this.http = place.http();
    this.cluster = place.cluster();
    this.data = folder.resolve(id);
    this.log = folder.resolve(id + ".log");
    this.launcher = place.launcher();
    this.jvmOptions = jvmOptions;
    this.arguments = new ArrayList<>(List.of("node", "--id", id, "--data", data.toString()));
    this.arguments.addAll(
        List.of("--cluster", cluster, "--http", http, "--seeds", seeds, "--exit-with-parent"));
    this.arguments.addAll(moreArguments);
  }

  public String id() {
    return id;
  }

  /** {@code host:port}. */
  public String http() {
    return http;
  }

  /** {@code host:port}. */
  public String cluster() {
    return cluster;
  }

  public Path data() {
    return data;
  }

  /** The number of its operating system process; -1 if it was never started. */
  public synchronized long pid() {
    return child == null ? -1 : child.pid();
  }

  public synchronized boolean isAlive() {
    return child != null && child.isAlive();
  }

  /** How it ended, for people. */
  public synchronized String end() {
    return child == null ? "was never started" : "ended with exit code " + child.exitValue();
  }

  /** Starts it, with this JVM's own class path and options, and those of the layout. */
  public void start() {
    start(List.of());
  }

  /** The same, with these arguments besides, this time. */
  public synchronized void start(List<String> thisTime) {
    if (ended) {
      throw Refusal.failed("the cluster is being stopped");
    }
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    List<String> inherited =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> !argument.startsWith("-agentlib") && !argument.startsWith("-Xmx"))
            .toList();
    command.addAll(inherited);
    // Two collectors at once would be an error; the user's choice goes before ours.
    boolean collectorChosen =
        inherited.stream().anyMatch(argument -> argument.matches("-XX:[+]Use.*GC"));
    jvmOptions.stream()
        .filter(option -> !(collectorChosen && option.matches("-XX:[+]Use.*GC")))
        .forEach(command::add);
    command.add("-Xmx768m");
    command.addAll(classPath());
    command.add("dev.limpet.cli.Main");
    command.addAll(arguments);
    command.addAll(thisTime);
    try {
      child =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log.toFile()))
              .start();
      ends.watch(id, child);
    } catch (IOException e) {
      throw Refusal.failed("node " + id + " cannot be started: " + e.getMessage());
    }
  }

  /** As {@code limpet.nodes.arguments} says, a file of arguments for the JVM, or else this JVM's own. */
  private static List<String> classPath() {
    String file = System.getProperty("limpet.nodes.arguments");
    return file == null
        ? List.of("-cp", System.getProperty("java.class.path"))
        : List.of("@" + file);
  }

  /** {@code kill -9}; returns when the operating system has ended it. */
  public void kill() {
    Process running = running();
    if (running != null) {
      running.destroyForcibly();
      waitFor(running, 10);
    }
  }

  /** Deletes all its files, as if its disk had been replaced; it must not be running. */
  public void loseData() {
    if (isAlive()) {
      throw new IllegalStateException("node " + id + " is running");
    }
    try {
      // The directory itself may be where a disk is mounted.
      Folders.empty(data);
    } catch (IOException e) {
      throw Refusal.failed("the data of node " + id + " cannot be deleted: " + e.getMessage());
    }
  }

  /** Copies what it printed, in all its lives, into a folder. */
  public void keepLog(Path folder) {
    if (Files.exists(log)) {
      try {
        Files.copy(log, folder.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Kills it, and never lets it start again. */
  void endForEver() {
    synchronized (this) {
      ended = true;
    }
    kill();
  }

  /** SIGTERM: it drains and leaves. True if it did so with exit code 0 in that time. */
  public boolean stop(int seconds) {
    Process running = running();
    if (running == null || !running.isAlive()) {
      return true;
    }
    // Not Process.destroy(), which closes the pipe by which a node knows that its parent lives.
    signal("TERM");
    return waitFor(running, seconds) && running.exitValue() == 0;
  }

  /** SIGSTOP: it stands still and knows nothing of it. */
  public void freeze() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void thaw() {
    signal("CONT");
  }

  /** Makes it write to its log where each of its threads stands; one that has just ended says nothing. */
  public void dumpThreads() {
    try {
      signal("QUIT");
    } catch (Refusal e) {
      // Who asks wants to know more of a trouble, not to have another.
    }
  }

  /** Lets it live on when this JVM ends. */
  public synchronized void letLiveOn() throws IOException {
    if (child != null) {
      child.getOutputStream().write(ParentWatch.LIVE_ON);
      child.getOutputStream().flush();
    }
  }

  /** Whether it says of itself that it serves. */
  public boolean isReady() {
    return isReady(http);
  }

  /** Whether the node at that HTTP address says that it serves. */
  public static boolean isReady(String http) {
    try (Wire wire = Wire.connect(http, ANSWER_MILLIS)) {
      return wire.get("/readyz", ANSWER_MILLIS).status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** The last lines that it printed. */
  public List<String> lastWords(int lines) {
    try (Stream<String> all = Files.lines(log, StandardCharsets.UTF_8)) {
      List<String> words = all.toList();
      return words.subList(Math.max(0, words.size() - lines), words.size());
    } catch (IOException | UncheckedIOException e) {
      return List.of("(its log " + log + " cannot be read)");
    }
  }

  private synchronized @Nullable Process running() {
    return child;
  }

  private void signal(String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
      if (!waitFor(kill, 5) || kill.exitValue() != 0) {
        throw Refusal.failed("kill -" + name + " " + pid() + " did not work");
      }
    } catch (IOException e) {
      throw Refusal.failed("there is no kill command here: " + e.getMessage());
    }
  }

  private static boolean waitFor(Process process, int seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
