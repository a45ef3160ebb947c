package dev.limpet.ports;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of loopback that are free now, and still when a test binds them later: below those that the system gives to
 * outgoing connections (from 32,768 on where Linux is left as it is), since any connection that is made meanwhile could
 * take one of these. Each is given once in a while only. Thread-safe.
 */
public final class FreePorts {
  private static final int LOWEST = 12_000;
  private static final int COUNT = 20_000;

  /** Another beginning in each JVM: several run tests at once. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private FreePorts() {}

  /** The number of a free port; others are given before it is given again. */
  public static int next() {
    for (int i = 0; i < COUNT; i++) {
      int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no port is free on loopback");
  }

  /** {@code 127.0.0.1:port}, of {@link #next}. */
  public static String address() {
    return "127.0.0.1:" + next();
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As a node will bind it: connections of an earlier run that wait for their end do not count.
      socket.setReuseAddress(true);
      try {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        return true;
      } catch (IOException e) {
        return false;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no socket can be made", e);
    }
  }
}
