package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Limpet;
import dev.limpet.node.door.Door;
import dev.limpet.node.home.MoveWatch.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Nodes in JVMs of their own that die or stop at a step of a move, and one in this JVM, n0, that lives on. */
final class SteppedCluster implements AutoCloseable {
  private final Path directory;
  private final List<String> addresses;
  private final List<String> seeds;
  private final Map<String, Child> children = new HashMap<>();
  private final Limpet here;

  /** A {@link SteppedNode}. */
  private static final class Child implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    Child(List<String> arguments) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-ea",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx512m",
                  "--sun-misc-unsafe-memory-access=allow",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  SteppedNode.class.getName()));
      command.addAll(arguments);
      try {
        process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      in = process.outputWriter(StandardCharsets.UTF_8);
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    void expect(String line) {
      try {
        String read = out.readLine();
        while (read != null && !read.equals(line)) {
          read = out.readLine();
        }
        assertThat(read).isEqualTo(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void order(String line) {
      try {
        in.write(line + "\n");
        in.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      expect("armed " + line);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /**
   * Forms a cluster of n0 and three others, n1 to n3, and waits until each has its shards.
   *
   * @param firstSeed the number of the first of three seeds: 0, and n3 is left out; or 1, and n0 joins them and leads nothing
   */
  SteppedCluster(Path directory, int firstSeed) throws Exception {
    this.directory = directory;
    addresses = Trio.freeAddresses(firstSeed + 3);
    seeds = addresses.subList(firstSeed, firstSeed + 3);
    Caller<Limpet> starting =
        Caller.start(() ->
            new ClusteredNode(
                    SteppedNode.settings(
                        "n0", directory.resolve("n0"), addresses.getFirst(), seeds),
                    FixedVoters.in(Seams.NONE))
                .start());
    for (int n = 1; n < addresses.size(); n++) {
      start("n" + n);
    }
    children.forEach((name, child) -> child.expect("ready " + name));
    here = starting.get();
    awaitHome();
  }

  private void start(String name) {
    String address = addresses.get(Integer.parseInt(name.substring(1)));
    children.put(
        name,
        new Child(
            List.of(name, directory.resolve(name).toString(), address, String.join(",", seeds))));
  }

  private Child child(String name) {
    Child child = children.get(name);
    assertThat(child).as(name).isNotNull();
    return child;
  }

  Limpet here() {
    return here;
  }

  Door door() {
    return (Door) here;
  }

  /** A child that is not one of these. */
  String childBut(String... names) {
    return children.keySet().stream()
        .filter(c -> !List.of(names).contains(c))
        .sorted()
        .findFirst()
        .orElseThrow();
  }

  /** Who leads the ledger; waits until somebody does. */
  String leader() {
    Caller.until(() -> door().cluster().leader() != null);
    return String.valueOf(door().cluster().leader());
  }

  /** From here on that node dies where a shard or a pin meets the step. */
  void dieAt(String name, Step step) {
    child(name).order("die " + step);
  }

  /** From here on that node's moves stop at the step. */
  void holdAt(String name, Step step) {
    child(name).order("hold " + step);
  }

  /** Waits until a node has met the step at which it holds. */
  void awaitHeld(String name, Step step) {
    child(name).expect("met " + step);
  }

  void goOn(String name) {
    child(name).order("go");
  }

  void awaitDead(String name) throws InterruptedException {
    assertThat(child(name).process.waitFor(60, TimeUnit.SECONDS))
        .as("%s met the step, and died", name)
        .isTrue();
  }

  void kill(String name) throws InterruptedException {
    child(name).close();
    awaitDead(name);
  }

  /** Waits until no shard is at home at a dead node, or at none. */
  void awaitLeft(String name) {
    Caller.until(() ->
        door().nodes().stream().noneMatch(n -> n.node().equals(name) && n.shards() > 0)
            && door().cluster().shardsOrphaned() == 0);
  }

  void restart(String name) {
    start(name);
    child(name).expect("ready " + name);
  }

  /** Waits until all are members, no shard moves, and each has the shards that prefer it. */
  void awaitHome() {
    Caller.until(() ->
        door().cluster().movesUnderWay() == 0
            && door().cluster().pins() == 0
            && door().cluster().shardsOrphaned() == 0
            && door().nodes().size() == addresses.size()
            && door().nodes().stream()
                .allMatch(n -> n.state().equals("member") && n.shards() == n.shardsPreferred()));
  }

  @Override
  public void close() {
    children.values().forEach(Child::close);
    here.close();
  }
}
