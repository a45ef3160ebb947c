package dev.limpet.cli;

import dev.limpet.Limpet;
import dev.limpet.LimpetBuilder;
import dev.limpet.LimpetException;
import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.http.Wire;
import dev.limpet.examples.Counter;
import dev.limpet.examples.ExampleApp;
import dev.limpet.examples.InvalidAmount;
import dev.limpet.examples.Limiter;
import dev.limpet.examples.Overflow;
import dev.limpet.examples.Visits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Three nodes of one cluster in this JVM that start, are called for some seconds, and end. The launcher runs it once after
 * a build, while the JVM notes what a node loads and links, and which ways its calls take: later JVMs start in half the
 * time, and are at full speed in seconds rather than in minutes. The arguments are an empty directory and the seconds.
 */
final class Rehearsal {
  private static final int NODES = 3;
  private static final int CALLERS = 192;
  private static final int HTTP_CALLERS = 8;
  private static final int KEYS = 2_000;
  private static final int SAVED_OF_TEN = 8;
  private static final int ANSWER_MILLIS = 10_000;
  private static final int READY_SECONDS_MAX = 60;
  private static final long POLL_NANOS = 100_000_000;

  private final Path data;
  private final List<LocalCluster.Place> places = LocalCluster.onLoopback(NODES, 0, 0);
  private volatile boolean over;

  private Rehearsal(Path data) {
    this.data = data;
  }

  public static void main(String[] args) {
    // Not a return: the nodes' threads would keep the JVM alive, and the build waiting.
    try {
      System.exit(new Rehearsal(Path.of(args[0])).play(Integer.parseInt(args[1])));
    } catch (IOException | InterruptedException | ExecutionException | TimeoutException e) {
      System.err.println("the rehearsal failed: " + e);
      System.exit(1);
    }
  }

  /** The first node is one of the command line, the others are hosted as applications do it. */
  private int play(int seconds)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String http = places.getFirst().http();
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .start(() -> System.exit(Main.commandLine().execute(arguments())));
    FutureTask<Limpet> second = start(1);
    FutureTask<Limpet> third = start(2);
    Limpet stays = second.get(READY_SECONDS_MAX, TimeUnit.SECONDS);
    Limpet leaves = third.get(READY_SECONDS_MAX, TimeUnit.SECONDS);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    while (!NodeChild.isReady(http)) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("the nodes did not become ready");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    callAll(stays, leaves, seconds);
    return Main.commandLine().execute("status", "--url", "http://" + http);
  }

  private String[] arguments() {
    LocalCluster.Place place = places.getFirst();
    return new String[] {
      "node",
      "--data",
      data.resolve("n1").toString(),
      "--http",
      place.http(),
      "--cluster",
      place.cluster(),
      "--seeds",
      String.join(",", seeds())
    };
  }

  private List<String> seeds() {
    return places.stream().map(LocalCluster.Place::cluster).collect(Collectors.toList());
  }

  private FutureTask<Limpet> start(int number) {
    String id = "n" + (number + 1);
    LimpetBuilder builder =
        Limpet.builder()
            .id(id)
            .data(data.resolve(id))
            .clusterAddress(places.get(number).cluster())
            .seeds(seeds().toArray(String[]::new));
    new ExampleApp().host(builder);
    FutureTask<Limpet> starting = new FutureTask<>(builder::start);
    Thread unused = Thread.ofPlatform().daemon().start(starting);
    return starting;
  }

  /** From within two nodes, and over HTTP at the third; while calls go on, one of the nodes hands over what it has. */
  private void callAll(Limpet stays, Limpet leaves, int seconds) throws InterruptedException {
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      Limpet from = i % 2 == 0 ? stays : leaves;
      callers.add(Thread.ofVirtual().start(() -> call(from)));
    }
    for (int i = 0; i < HTTP_CALLERS; i++) {
      callers.add(Thread.ofVirtual().start(this::callHttp));
    }
    TimeUnit.SECONDS.sleep(seconds);
    leaves.close();
    over = true;
    for (Thread caller : callers) {
      caller.join();
    }
  }

  private void call(Limpet from) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try {
      for (int i = 0; !over; i++) {
        String key = "k" + random.nextInt(KEYS);
        if (i % 10 < SAVED_OF_TEN) {
          from.get(Counter.class, key).add(1);
        } else if (i % 2 == 0) {
          from.get(Limiter.class, key).tryAcquire(1);
        } else {
          from.get(Visits.class, key).hit();
        }
      }
    } catch (LimpetException | Overflow | InvalidAmount e) {
      // Its node has left.
    }
  }

  private void callHttp() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try (Wire wire = Wire.connect(places.getFirst().http(), ANSWER_MILLIS)) {
      while (!over) {
        String path = "/v1/counter/k" + random.nextInt(KEYS) + "/add";
        wire.post(path, "{\"n\":1}", null, ANSWER_MILLIS);
      }
    } catch (IOException e) {
      // There is no answer to wait for any more.
    }
  }
}
