package dev.limpet.cli;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/**
 * One node that starts, is called for a moment, and ends. The launcher runs it once after a build, while the JVM notes what
 * a node loads, links and calls often, so that all later ones start in half the time. The argument is an empty directory.
 */
final class Rehearsal {
  private static final int CALLS = 300;
  private static final int KEYS = 50;
  private static final int ANSWER_MILLIS = 10_000;
  private static final long READY_NANOS_MAX = 60_000_000_000L;
  private static final long POLL_NANOS = 100_000_000;

  private Rehearsal() {}

  public static void main(String[] args) {
    // Not a return: the node's threads would keep the JVM alive, and the build waiting.
    try {
      System.exit(rehearse(args[0]));
    } catch (IOException e) {
      System.err.println("the rehearsal failed: " + e);
      System.exit(1);
    }
  }

  private static int rehearse(String data) throws IOException {
    LocalCluster.Place place = LocalCluster.onLoopback(1, 0, 0).getFirst();
    String[] node = {"node", "--data", data, "--http", place.http(), "--cluster", place.cluster()};
    Thread unused =
        Thread.ofPlatform().daemon().start(() -> System.exit(Main.commandLine().execute(node)));
    long end = System.nanoTime() + READY_NANOS_MAX;
    while (!NodeChild.isReady(place.http())) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("the node did not become ready");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    try (Wire wire = Wire.connect(place.http(), ANSWER_MILLIS)) {
      for (int i = 0; i < CALLS; i++) {
        wire.post("/v1/counter/k" + i % KEYS + "/add", "{\"n\":1}", null, ANSWER_MILLIS);
      }
    }
    return Main.commandLine().execute("status", "--url", "http://" + place.http());
  }
}
