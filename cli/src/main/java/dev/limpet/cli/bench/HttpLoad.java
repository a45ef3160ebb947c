package dev.limpet.cli.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/*
 * Client and server share the processors, so whatever the client costs makes two servers look more alike than they are.
 * This one sends requests that are ready before it begins, and reads no more of an answer than its status and its end.
 */
/** Kept HTTP/1.1 connections, on each of which the next request is sent when the last one is answered. */
final class HttpLoad {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int ANSWER_MILLIS = 10_000;
  private static final int ANSWER_BYTES_MAX = 8 << 10;
  private static final int DIGITS = 3;
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final InetSocketAddress server;
  private final List<byte[]> requests;

  private volatile boolean measuring;
  private volatile boolean stopped;
  private volatile @Nullable IOException firstFailure;

  /** What was measured; times in nanoseconds. */
  record Sample(double seconds, long failed, Histogram nanos) {
    double rate() {
      return nanos.getTotalCount() / seconds;
    }
  }

  /**
   * Has sent nothing yet.
   *
   * @param requests whole ones; each is sent at random
   */
  HttpLoad(InetSocketAddress server, List<byte[]> requests) {
    this.server = server;
    this.requests = List.copyOf(requests);
  }

  /** A whole request that posts JSON. */
  static byte[] post(String path, String json) {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, json.length(), json)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Loads the server; {@code begins} runs when the measured time does. */
  Sample run(int connections, int warmSeconds, int seconds, Runnable begins)
      throws InterruptedException {
    measuring = false;
    stopped = false;
    List<Caller> callers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      Caller caller = new Caller();
      callers.add(caller);
      threads.add(Thread.ofVirtual().name("connection-" + i).start(caller));
    }
    TimeUnit.SECONDS.sleep(warmSeconds);
    begins.run();
    long began = System.nanoTime();
    measuring = true;
    TimeUnit.SECONDS.sleep(seconds);
    stopped = true;
    double lasted = (System.nanoTime() - began) / 1e9;
    Histogram nanos = new Histogram(DIGITS);
    long failed = 0;
    for (int i = 0; i < connections; i++) {
      threads.get(i).join();
      nanos.add(callers.get(i).nanos);
      failed += callers.get(i).failed;
    }
    return new Sample(lasted, failed, nanos);
  }

  /** Why the first connection broke, if one did. */
  @Nullable IOException firstFailure() {
    return firstFailure;
  }

  /** One connection; its numbers are read when its thread has ended. A broken one is not made anew. */
  private final class Caller implements Runnable {
    private final Histogram nanos = new Histogram(DIGITS);
    private final byte[] buffer = new byte[ANSWER_BYTES_MAX];
    private long failed;

    @Override
    public void run() {
      try (Socket socket = new Socket()) {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(ANSWER_MILLIS);
        socket.connect(server, CONNECT_MILLIS);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (!stopped) {
          long began = System.nanoTime();
          socket.getOutputStream().write(requests.get(random.nextInt(requests.size())));
          boolean done = answered(socket.getInputStream());
          long took = System.nanoTime() - began;
          if (measuring && !stopped) {
            if (done) {
              nanos.recordValue(took);
            } else {
              failed++;
            }
          }
        }
      } catch (IOException e) {
        failed++;
        if (firstFailure == null) {
          firstFailure = e;
        }
      }
    }

    /** Reads one answer; whether its status is 200. */
    private boolean answered(InputStream in) throws IOException {
      int filled = 0;
      int bodyAt = -1;
      while (bodyAt < 0) {
        filled = more(in, filled);
        bodyAt = endOfHead(filled);
      }
      int end = bodyAt + length(bodyAt);
      while (filled < end) {
        filled = more(in, filled);
      }
      return buffer[9] == '2' && buffer[10] == '0' && buffer[11] == '0';
    }

    private int more(InputStream in, int filled) throws IOException {
      int read = filled == buffer.length ? -1 : in.read(buffer, filled, buffer.length - filled);
      if (read < 0) {
        throw new EOFException("no whole answer of at most " + ANSWER_BYTES_MAX + " bytes");
      }
      return filled + read;
    }

    private int endOfHead(int filled) {
      for (int i = 3; i < filled; i++) {
        if (buffer[i] == '\n' && buffer[i - 2] == '\n' && buffer[i - 1] == '\r') {
          return i + 1;
        }
      }
      return -1;
    }

    private int length(int headEnd) throws IOException {
      for (int at = 0; at + LENGTH.length < headEnd; at++) {
        if (buffer[at] == '\n' && isLength(at + 1)) {
          int length = 0;
          for (int i = at + 1 + LENGTH.length; buffer[i] != '\r'; i++) {
            length = buffer[i] == ' ' ? length : length * 10 + buffer[i] - '0';
          }
          return length;
        }
      }
      throw new IOException("an answer that does not say how long it is");
    }

    private boolean isLength(int at) {
      for (int i = 0; i < LENGTH.length; i++) {
        int c = buffer[at + i];
        if ((c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c) != LENGTH[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
