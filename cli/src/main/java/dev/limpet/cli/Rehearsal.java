package dev.limpet.cli;

import dev.limpet.cli.cluster.LocalCluster;
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
  private static final int READY_ATTEMPTS_MAX = 600;
  private static final long POLL_NANOS = 100_000_000;

  private Rehearsal() {}

  public static void main(String[] args) throws IOException {
    LocalCluster.Place place = LocalCluster.onLoopback(1, 0, 0).getFirst();
    String[] node = {
      "node", "--data", args[0], "--http", place.http(), "--cluster", place.cluster()
    };
    Thread unused =
        Thread.ofPlatform().daemon().start(() -> System.exit(Main.commandLine().execute(node)));
    awaitReady(place.http());
    try (Wire wire = Wire.connect(place.http(), ANSWER_MILLIS)) {
      for (int i = 0; i < CALLS; i++) {
        wire.post("/v1/counter/k" + i % KEYS + "/add", "{\"n\":1}", null, ANSWER_MILLIS);
      }
    }
    System.exit(Main.commandLine().execute("status", "--url", "http://" + place.http()));
  }

  private static void awaitReady(String http) throws IOException {
    IOException last = new IOException("not tried");
    for (int i = 0; i < READY_ATTEMPTS_MAX; i++) {
      try (Wire wire = Wire.connect(http, ANSWER_MILLIS)) {
        if (wire.get("/readyz", ANSWER_MILLIS).status() == 200) {
          return;
        }
      } catch (IOException e) {
        last = e;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException("the node did not become ready", last);
  }
}
