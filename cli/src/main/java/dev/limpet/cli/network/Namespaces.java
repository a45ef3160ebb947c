package dev.limpet.cli.network;

import dev.limpet.cli.cluster.LocalCluster.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/*
 * Each node gets a namespace with two cables: one into the network of the cluster's own port, which can be pulled out,
 * and one into the network of HTTP, by which one goes on to ask a node that the others do not reach. A pulled cable
 * drops packets without a word: no connection is refused or reset, as it is when a process dies.
 *
 * For nodes that reach each other through proxies, each namespace has the addresses of all nodes on its own loopback:
 * the node's own, where the node listens, and the others', where its proxies do. These go by the cable.
 */
/** Network namespaces for the nodes of a cluster, removed when closed. Needs root, {@code ip} and {@code tc}. */
public final class Namespaces implements AutoCloseable {
  static final int CLUSTER_PORT = 7_200;
  static final int HTTP_PORT = 7_100;

  /** A queue for what leaves an interface, of no length. */
  private static final String NOTHING_PASSES = "pfifo limit 0";

  private final String name = "lf" + ProcessHandle.current().pid() % 100_000;
  private final String network = "10." + (100 + ProcessHandle.current().pid() % 100);
  private final Deque<List<String>> undo = new ArrayDeque<>();
  private final int count;

  private Namespaces(int count) {
    this.count = count;
  }

  /** Whether this system lets us make them; says why not on stderr. */
  public static boolean permitted() {
    try (Namespaces one = make(1)) {
      one.sever(1, Break.MUTE);
      return true;
    } catch (IOException e) {
      System.err.println("no network namespaces here: " + e.getMessage());
      return false;
    }
  }

  /** Makes that many. */
  public static Namespaces make(int count) throws IOException {
    Namespaces made = new Namespaces(count);
    try {
      made.bridge("c", "1");
      made.bridge("h", "2");
      for (int i = 1; i <= count; i++) {
        made.ip("netns", "add", made.name + i);
        made.undo.push(List.of("netns", "del", made.name + i));
        made.ip("-n", made.name + i, "link", "set", "lo", "up");
        made.cable(i, "c", "1");
        made.cable(i, "h", "2");
      }
      return made;
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  private void bridge(String kind, String subnet) throws IOException {
    String bridge = name + kind;
    ip("link", "add", "name", bridge, "type", "bridge");
    undo.push(List.of("link", "del", bridge));
    if (kind.equals("h")) {
      ip("addr", "add", network + "." + subnet + ".254/24", "dev", bridge);
    }
    ip("link", "set", bridge, "up");
  }

  private void cable(int node, String kind, String subnet) throws IOException {
    String here = name + kind + node;
    ip("link", "add", here, "type", "veth", "peer", "name", kind + "0", "netns", name + node);
    undo.push(List.of("link", "del", here));
    ip("link", "set", here, "master", name + kind);
    ip("link", "set", here, "up");
    ip(
        "-n",
        name + node,
        "addr",
        "add",
        network + "." + subnet + "." + node + "/24",
        "dev",
        kind + "0");
    ip("-n", name + node, "link", "set", kind + "0", "up");
  }

  /** One place in each. */
  public List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      places.add(
          new Place(outside(i) + ":" + HTTP_PORT, cable(i) + ":" + CLUSTER_PORT, launcher(i)));
    }
    return places;
  }

  /** Puts the addresses of all nodes, as the others see them through proxies, into each namespace. */
  void alias() throws IOException {
    for (int in = 1; in <= count; in++) {
      for (int of = 1; of <= count; of++) {
        ip("-n", name + in, "addr", "add", seen(of) + "/32", "dev", "lo");
      }
    }
  }

  /** The address of a node as every node sees it, its own proxy's or its own; the first is 1. */
  String seen(int node) {
    return network + ".9." + node;
  }

  /** The address of a node's end of the cable to the others. */
  String cable(int node) {
    return network + ".1." + node;
  }

  /** The address of a node for those who ask it from outside. */
  String outside(int node) {
    return network + ".2." + node;
  }

  /** The command that runs a command in a node's namespace. */
  List<String> launcher(int node) {
    return List.of("ip", "netns", "exec", name + node);
  }

  /** How the cable between a node and the others is broken. */
  public enum Break {
    /** Pulled: nothing passes. */
    CUT,
    /** The node hears the others, and they do not hear it. */
    MUTE,
    /** The others hear the node, and it does not hear them. */
    DEAF
  }

  /** Breaks a node's cable to the other nodes; the first is 1. */
  public void sever(int node, Break how) throws IOException {
    switch (how) {
      case CUT -> ip("link", "set", name + "c" + node, "down");
      case MUTE ->
          run("tc", "-n", name + node, "qdisc", "add", "dev", "c0", "root", NOTHING_PASSES);
      case DEAF -> run("tc", "qdisc", "add", "dev", name + "c" + node, "root", NOTHING_PASSES);
    }
  }

  /** Mends it again. */
  public void mend(int node, Break how) throws IOException {
    switch (how) {
      case CUT -> ip("link", "set", name + "c" + node, "up");
      case MUTE -> run("tc", "-n", name + node, "qdisc", "del", "dev", "c0", "root");
      case DEAF -> run("tc", "qdisc", "del", "dev", name + "c" + node, "root");
    }
  }

  private void ip(String... arguments) throws IOException {
    run("ip", arguments);
  }

  private static void run(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program));
    for (String argument : arguments) {
      command.addAll(List.of(argument.split(" ", -1)));
    }
    Process running = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (!running.waitFor(10, TimeUnit.SECONDS) || running.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(String.join(" ", command) + ": interrupted", e);
    }
  }

  @Override
  public void close() {
    while (!undo.isEmpty()) {
      try {
        ip(undo.pop().toArray(String[]::new));
      } catch (IOException e) {
        System.err.println("left behind: " + e.getMessage());
      }
    }
  }
}
