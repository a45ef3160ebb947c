package dev.limpet.cli.network;

import dev.limpet.cli.cluster.LocalCluster.Place;
import dev.limpet.cli.console.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/*
 * Node i in its namespace connects to 10.x.9.j:7200, which is on its own loopback, where its way to j listens. That
 * way goes over the cable to 10.x.1.j:7300, where the entry of j listens, and on to 10.x.9.j:7200, which in j's
 * namespace is j itself. Both links between i and j pass two proxies: of the connections that i has made, and of
 * those that j has made.
 */
/**
 * Namespaces for the nodes of a cluster, with a proxy between any two of them, for each direction. Needs root and
 * {@code ip}. Closing removes all of it, and so does the end of this JVM, by Ctrl-C too. For one thread.
 */
public final class BadNetwork implements AutoCloseable {
  private static final int ENTRY_PORT = 7_300;
  private static final List<String> JVM_OPTIONS =
      List.of("-Xmx48m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  private final Namespaces namespaces;
  private final int count;
  private final List<Controlled> proxies = new ArrayList<>();
  private final Thread atExit = new Thread(this::destroy, "remove-networks");

  /** One direction: what the first sends to the second; nodes count from 1. */
  public record Direction(int from, int to) {
    public Direction {
      if (from < 1 || to < 1 || from == to) {
        throw new IllegalArgumentException("no direction: " + from + " to " + to);
      }
    }
  }

  private BadNetwork(Namespaces namespaces, int count) {
    this.namespaces = namespaces;
    this.count = count;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Makes it for that many nodes; it is good at first. */
  public static BadNetwork make(int count) throws IOException {
    BadNetwork network = new BadNetwork(Namespaces.make(count), count);
    try {
      network.namespaces.alias();
      for (int node = 1; node <= count; node++) {
        network.proxies.add(new Controlled(network.command(node)));
      }
      for (Controlled proxy : network.proxies) {
        proxy.expect("ready");
      }
      return network;
    } catch (IOException e) {
      network.close();
      throw e;
    }
  }

  private List<String> command(int node) {
    List<String> command = new ArrayList<>(namespaces.launcher(node));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ProxyMain.class.getName());
    for (int other = 1; other <= count; other++) {
      String seen = namespaces.seen(other) + ":" + Namespaces.CLUSTER_PORT;
      String entry = namespaces.cable(other) + ":" + ENTRY_PORT;
      command.add(
          other == node ? "entry=" + entry + "=" + seen : "n" + other + "=" + seen + "=" + entry);
    }
    return command;
  }

  /** Where the nodes are to be. */
  public List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (int node = 1; node <= count; node++) {
      places.add(
          new Place(
              namespaces.outside(node) + ":" + Namespaces.HTTP_PORT,
              namespaces.seen(node) + ":" + Namespaces.CLUSTER_PORT,
              namespaces.launcher(node)));
    }
    return places;
  }

  /** How many nodes it connects. */
  public int size() {
    return count;
  }

  /** Sets how bytes fare in one direction, on the connections of both nodes. */
  public void set(Direction direction, LinkState state) {
    try {
      proxies
          .get(direction.from - 1)
          .tell("n" + direction.to + " there " + state.word())
          .expect("ok");
      proxies
          .get(direction.to - 1)
          .tell("n" + direction.from + " back " + state.word())
          .expect("ok");
    } catch (IOException e) {
      throw new UncheckedIOException("a proxy of the bad network does not answer", e);
    }
  }

  /** How many bits were flipped on all links since the beginning. */
  public long flipped() {
    try {
      long sum = 0;
      for (Controlled proxy : proxies) {
        String answer = proxy.tell("flipped").answer();
        sum += Long.parseLong(answer.substring(answer.indexOf(' ') + 1));
      }
      return sum;
    } catch (IOException e) {
      throw new UncheckedIOException("a proxy of the bad network does not answer", e);
    }
  }

  @Override
  public void close() {
    destroy();
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // This JVM is ending, and the hook does the same.
    }
  }

  private synchronized void destroy() {
    proxies.forEach(Controlled::close);
    namespaces.close();
  }

  /** A program that is told what to do by lines, and answers each. */
  private static final class Controlled implements AutoCloseable {
    private static final int END_SECONDS = 5;

    private final Process process;
    private final OutputStream to;
    private final BufferedReader from;

    Controlled(List<String> command) throws IOException {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      to = process.getOutputStream();
      from =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    Controlled tell(String line) throws IOException {
      to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      to.flush();
      return this;
    }

    String answer() throws IOException {
      String line = from.readLine();
      if (line == null) {
        throw new IOException("it has ended");
      }
      return line;
    }

    void expect(String wanted) throws IOException {
      String line = answer();
      if (!line.equals(wanted)) {
        throw Refusal.failed("a proxy of the bad network says: " + line);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
      try {
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException("a killed process does not end");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
