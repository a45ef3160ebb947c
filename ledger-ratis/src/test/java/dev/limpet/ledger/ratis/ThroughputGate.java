package dev.limpet.ledger.ratis;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;

/**
 * The gate's speed figures, by hand: three JVMs, fsync on, a closed loop of puts on the store's leader and a heartbeat
 * entry every 300 ms in the ledger at the same time. Arguments: seconds, puts in flight, entries under way, runs.
 */
final class ThroughputGate {
  private ThroughputGate() {}

  public static void main(String[] arguments) throws IOException {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    int window = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 256;
    int slots = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
    int runs = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 3;
    var root = Files.createTempDirectory("limpet-gate");
    try (var nodes = new Children(root, "ledger,store", true).startAll()) {
      nodes.append("ledger", "put a 1");
      nodes.append("store", "put a 1");
      Eventually.until(
          "both groups are led by one node", () -> nodes.leader("ledger") == nodes.leader("store"));
      var leader = nodes.child(nodes.leader("store"));
      out.println(
          "warm-up: " + leader.answer("load 5 " + window + " " + slots, Duration.ofMinutes(2)));
      for (int run = 0; run < runs; run++) {
        long term = nodes.term(0, "store");
        var load = leader.ask("load " + seconds + " " + window + " " + slots);
        var beat = leader.ask("beat " + seconds);
        out.println(
            "window="
                + window
                + " slots="
                + slots
                + " "
                + Child.get(load, Duration.ofMinutes(5))
                + "| "
                + Child.get(beat, Duration.ofMinutes(5))
                + "| elections="
                + (nodes.term(0, "store") - term));
      }
      for (int i = 0; i < 3; i++) {
        out.println("n" + (i + 1) + " " + nodes.child(i).answer("memory", Duration.ofSeconds(5)));
      }
    } finally {
      SyncedFiles.deleteTree(root);
    }
  }
}
