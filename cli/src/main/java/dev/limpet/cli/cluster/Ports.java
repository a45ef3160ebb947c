package dev.limpet.cli.cluster;

import dev.limpet.cli.console.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Free ports of the loopback interface, for nodes that bind them later and again after each start: below those that the
 * system gives to outgoing connections (from 32,768 on where Linux is left as it is, from 49,152 elsewhere), since any
 * connection that some program makes could take such a one in between.
 */
final class Ports {
  private static final int LOWEST = 12_000;
  private static final int COUNT = 20_000;

  /** Each is tried once in a while only, so that a node that is down for a moment finds its own port free again. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private Ports() {}

  /** That many ports from the first one on, or any for 0; where one is taken, any free one stands in for it. */
  static List<Integer> from(int first, int count) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        ServerSocket wanted = first == 0 ? null : bind(first + i);
        held.add(wanted == null ? any() : wanted);
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      held.forEach(Ports::close);
    }
  }

  private static ServerSocket any() {
    for (int i = 0; i < COUNT; i++) {
      ServerSocket socket = bind(LOWEST + Math.floorMod(NEXT.getAndIncrement(), COUNT));
      if (socket != null) {
        return socket;
      }
    }
    throw Refusal.failed(
        "none of the ports %d to %d of the loopback interface is free"
            .formatted(LOWEST, LOWEST + COUNT - 1));
  }

  /** Null where the port is taken. */
  private static @Nullable ServerSocket bind(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      try {
        // As a node will bind it: connections of an earlier run that still wait for their end do
        // not count.
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        return socket;
      } catch (IOException e) {
        socket.close();
        return null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no socket can be made", e);
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is as good as closed.
    }
  }
}
