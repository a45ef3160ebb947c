package dev.limpet.core.arch;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** One small class for each way of being impure, in the core's own package, for the rules to find. */
final class ImpureSamples {
  private ImpureSamples() {}

  /** All that the core may do, so that the rules are not so strict that they refuse everything. */
  static final class Pure {
    enum Colour {
      RED,
      BLUE
    }

    record Point(long x, byte[] bytes, List<String> names) {}

    sealed interface Shape {
      record Dot(Point at) implements Shape {}

      record Line(Point from, Point to) implements Shape {}
    }

    private final TreeMap<String, Point> points = new TreeMap<>();

    byte[] encode(Shape shape, Colour colour, Duration patience, long nowNanos) throws IOException {
      var bytes = new ByteArrayOutputStream();
      var out = new DataOutputStream(bytes);
      switch (shape) {
        case Shape.Dot dot -> out.writeLong(dot.at().x());
        case Shape.Line line -> out.writeLong(line.to().x() + nowNanos + patience.toNanos());
      }
      switch (colour) {
        case RED -> out.write("red".getBytes(StandardCharsets.UTF_8));
        case BLUE -> out.writeInt(points.size());
      }
      var copy = new byte[bytes.size()];
      System.arraycopy(bytes.toByteArray(), 0, copy, 0, copy.length);
      return Arrays.copyOf(ByteBuffer.wrap(copy).array(), copy.length);
    }
  }

  static final class ReadsTheClock {
    long now() {
      return System.nanoTime();
    }
  }

  static final class RefersToTheClock {
    LongSupplier clock() {
      return System::currentTimeMillis;
    }
  }

  static final class ReadsAnInstant {
    Instant now() {
      return Instant.now();
    }
  }

  static final class ReadsTheEnvironment {
    String home() {
      return System.getenv("HOME") + System.getProperty("user.name");
    }
  }

  static final class ThrowsDice {
    double dice() {
      return Math.random();
    }
  }

  static final class HasRandom {
    int next(Random random) {
      return random.nextInt();
    }
  }

  static final class HasThreadLocalRandom {
    int next() {
      return ThreadLocalRandom.current().nextInt();
    }
  }

  static final class StartsThread {
    void start() {
      new Thread(() -> {}).start();
    }
  }

  static final class BuildsThread {
    Thread.Builder builder() {
      return Thread.ofVirtual();
    }
  }

  static final class Logs {
    void log(System.Logger logger) {
      logger.log(System.Logger.Level.INFO, "hello");
    }
  }

  static final class Prints {
    void print() {
      System.out.println("hello");
    }
  }

  static final class HasLock {
    final ReentrantLock lock = new ReentrantLock();
  }

  static final class HasExecutor {
    void run(ExecutorService executor) {
      executor.execute(() -> {});
    }
  }

  static final class HasFuture {
    CompletableFuture<String> answer() {
      return new CompletableFuture<>();
    }
  }

  static final class OpensSocket {
    void open(Socket socket) throws IOException {
      socket.close();
    }
  }

  static final class HasFile {
    boolean exists(File file) {
      return file.exists();
    }
  }

  static final class HasPath {
    String name(Path path) {
      return path.toString();
    }
  }

  static final class CopiesSet {
    Set<String> copy(List<String> names) {
      return Set.copyOf(names);
    }
  }

  static final class Synchronizes {
    synchronized int next() {
      return 1;
    }
  }

  static final class HasVolatile {
    volatile int next;
  }
}
