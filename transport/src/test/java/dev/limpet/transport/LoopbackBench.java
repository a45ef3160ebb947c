package dev.limpet.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Round trips between two JVMs over loopback: 64-byte frames (48-byte bodies), one at a time and many in flight, with the
 * handler answering on the reading thread (inline) and on a virtual thread per request (virtual).
 *
 * <p>{@code serve} in one JVM prints its port; {@code load PORT IN_FLIGHT SECONDS inline|virtual} in another, each with a
 * folder of certificates behind that for TLS; or without arguments: starts the server itself and runs all four cases, without
 * TLS and then with it. The same on Netty is {@code bench/peers/netty}.
 */
public final class LoopbackBench {
  private static final int INLINE = 0;
  private static final int VIRTUAL = 1;

  private LoopbackBench() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("serve")) {
      secure(args, 1);
      serve();
    } else if (args.length > 0 && args[0].equals("load")) {
      secure(args, 5);
      load(
          Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]), args[4]);
    } else {
      all(List.of());
      Path certificates = Files.createTempDirectory("limpet-loopback-");
      TestCa ca = new TestCa("bench");
      ca.good(certificates, "server");
      ca.good(certificates, "client");
      secure(new String[] {certificates.toString()}, 0);
      all(List.of(certificates.toString()));
    }
  }

  /** Under TLS, if there is a folder with the certificates of both. */
  private static void secure(String[] args, int at) {
    if (args.length > at) {
      Peers.secure(name -> {
        try {
          return Tls.openUnwatched(Path.of(args[at], name));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  private static void serve() throws Exception {
    Handler handler =
        in -> {
          if (in.kind() == INLINE) {
            in.reply(in.body());
          } else {
            Thread.startVirtualThread(() -> in.reply(in.body()));
          }
        };
    try (Transport transport = Peers.node("server", handler)) {
      System.out.println("PORT " + transport.port());
      while (System.in.read() >= 0) {
        continue; // lives until its input ends
      }
    }
  }

  private static void all(List<String> certificates) throws Exception {
    String java = ProcessHandle.current().info().command().orElse("java");
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), LoopbackBench.class.getName(), "serve"));
    command.addAll(certificates);
    var server = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      String line = server.inputReader().readLine();
      int port = Integer.parseInt(line.substring("PORT ".length()));
      for (String mode : List.of("inline", "virtual")) {
        for (int inFlight : new int[] {256, 1}) {
          load(port, inFlight, 3, (certificates.isEmpty() ? "" : "tls-") + mode);
        }
      }
    } finally {
      server.destroy();
    }
  }

  private static void load(int port, int inFlight, int seconds, String mode) throws Exception {
    int kind = mode.endsWith("inline") ? INLINE : VIRTUAL;
    try (Transport transport = Peers.node("client", Peers.ECHO)) {
      Link link = transport.link(Transport.loopback(port));
      run(link, kind, inFlight, seconds, mode + "-warm-up");
      run(link, kind, inFlight, seconds, mode);
      run(link, kind, inFlight, seconds, mode);
    }
  }

  private static void run(Link link, int kind, int inFlight, int seconds, String mode)
      throws InterruptedException {
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(seconds);
    long allocated = allocatedBytes();
    List<Caller> callers = new ArrayList<>();
    for (int i = 0; i < inFlight; i++) {
      Caller caller = new Caller(link, kind, end);
      callers.add(caller);
      caller.thread = Thread.ofVirtual().start(caller);
    }
    for (Caller caller : callers) {
      caller.thread.join();
    }
    double dt = (System.nanoTime() - start) / 1e9;
    long done = callers.stream().mapToLong(c -> c.done).sum();
    long[] samples =
        callers.stream()
            .flatMapToLong(c -> Arrays.stream(c.samples, 0, c.kept()))
            .sorted()
            .toArray();
    System.out.printf(
        Locale.ROOT,
        "RESULT case=remote mode=%s inFlight=%d rate=%.0f/s p50=%.1fus p99=%.1fus p99.9=%.1fus allocated=%dB/call%n",
        mode,
        inFlight,
        done / dt,
        at(samples, 0.5),
        at(samples, 0.99),
        at(samples, 0.999),
        (allocatedBytes() - allocated) / Math.max(1, done));
  }

  private static double at(long[] sorted, double quantile) {
    return sorted.length == 0 ? 0 : sorted[(int) (quantile * (sorted.length - 1))] / 1e3;
  }

  // Virtual threads have no allocation counts of their own, so: what the whole JVM allocated.
  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getTotalThreadAllocatedBytes();
  }

  private static final class Caller implements Runnable {
    private final Link link;
    private final int kind;
    private final long end;
    final long[] samples = new long[20_000];
    long done;
    Thread thread = Thread.currentThread();

    Caller(Link link, int kind, long end) {
      this.link = link;
      this.kind = kind;
      this.end = end;
    }

    int kept() {
      return (int) Math.min(samples.length, done);
    }

    @Override
    public void run() {
      byte[] body = new byte[64 - Frame.HEADER_BYTES];
      long before = System.nanoTime();
      while (before < end) {
        byte[] reply = link.call(kind, body, Peers.SECOND * 10);
        if (reply.length != body.length) {
          throw new IllegalStateException("wrong reply");
        }
        long now = System.nanoTime();
        samples[(int) (done++ % samples.length)] = now - before;
        before = now;
      }
    }
  }
}
