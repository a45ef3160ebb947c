import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Locale;

/**
 * The limit for a remote call on a machine: frames of 64 bytes there and back over one loopback connection between two
 * JVMs, blocking, with as many frames in one read or write as there are. {@code java RawEcho.java serve}, which prints
 * its port, and {@code java RawEcho.java load PORT WINDOW WARM SECONDS}.
 */
public final class RawEcho {
  private static final int FRAME = 64;
  private static final int BUFFER = 1 << 16;
  private static final long SECOND = 1_000_000_000L;
  private static final int ONE_SECONDS_MAX = 5;

  private RawEcho() {}

  public static void main(String[] args) throws IOException {
    if (args[0].equals("serve")) {
      serve();
      return;
    }
    int window = Integer.parseInt(args[2]);
    int warm = Integer.parseInt(args[3]);
    int seconds = Integer.parseInt(args[4]);
    try (SocketChannel channel =
        SocketChannel.open(loopback(Integer.parseInt(args[1])))) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      load(channel, window, warm, false);
      load(channel, window, seconds, true);
      load(channel, 1, 1, false);
      load(channel, 1, Math.min(seconds, ONE_SECONDS_MAX), true);
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Sends back whole frames, to one client. */
  private static void serve() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(loopback(0))) {
      System.out.println("UP " + ((InetSocketAddress) server.getLocalAddress()).getPort());
      try (SocketChannel client = server.accept()) {
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        while (client.read(buffer) >= 0) {
          int whole = buffer.position() / FRAME * FRAME;
          int end = buffer.position();
          buffer.position(0).limit(whole);
          writeAll(client, buffer);
          buffer.limit(end);
          buffer.compact();
        }
      }
    }
  }

  /** Each frame carries the time at which it was sent; it is sent again as soon as it has come back. */
  private static void load(SocketChannel channel, int window, int seconds, boolean measured)
      throws IOException {
    if (measured) {
      System.out.println("MEASURE window=" + window);
    }
    Latencies latencies = new Latencies();
    ByteBuffer out = ByteBuffer.allocateDirect(FRAME * window);
    ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    long began = System.nanoTime();
    long end = began + seconds * SECOND;
    send(channel, out, window, began);
    int inFlight = window;
    while (inFlight > 0) {
      if (channel.read(in) < 0) {
        throw new IOException("the other side has closed the connection");
      }
      int frames = in.position() / FRAME;
      long now = System.nanoTime();
      for (int i = 0; i < frames; i++) {
        latencies.record(now - in.getLong(i * FRAME));
      }
      in.limit(in.position()).position(frames * FRAME);
      in.compact();
      inFlight -= frames;
      if (now < end) {
        send(channel, out, frames, now);
        inFlight += frames;
      }
    }
    if (measured) {
      double lasted = (System.nanoTime() - began) / (double) SECOND;
      System.out.printf(
          Locale.ROOT,
          "RESULT window=%d calls=%d rate=%.0f/s p50=%.1fus p99=%.1fus failed=0%n",
          window,
          latencies.count,
          latencies.count / lasted,
          latencies.micros(0.5),
          latencies.micros(0.99));
    }
  }

  private static void send(SocketChannel channel, ByteBuffer out, int frames, long now)
      throws IOException {
    out.clear().limit(frames * FRAME);
    for (int i = 0; i < frames; i++) {
      out.putLong(i * FRAME, now);
    }
    writeAll(channel, out);
  }

  private static void writeAll(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Counts in steps of 0.1 us; what took over 0.1 s counts as 0.1 s. */
  private static final class Latencies {
    private static final int STEP_NANOS = 100;

    private final long[] counts = new long[1_000_000];
    private long count;

    void record(long nanos) {
      counts[(int) Math.min(nanos / STEP_NANOS, counts.length - 1)]++;
      count++;
    }

    double micros(double share) {
      long left = (long) Math.ceil(count * share);
      int step = 0;
      while (step < counts.length - 1 && (left -= counts[step]) > 0) {
        step++;
      }
      return (step + 1) * STEP_NANOS / 1e3;
    }
  }
}
