package dev.limpet.ledger.ratis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A {@link GateNode} in a JVM of its own, with the signals that can be sent to it. */
final class Child implements AutoCloseable {
  static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx512m",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED");

  private final Process process;
  private final Writer in;
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final CompletableFuture<String> fatal = new CompletableFuture<>();
  private final Map<Long, CompletableFuture<String>> open = new ConcurrentHashMap<>();
  private final AtomicLong calls = new AtomicLong();

  Child(
      Voter self,
      List<Voter> voters,
      Path directory,
      int port,
      String groups,
      List<String> jvm,
      List<String> prefix,
      @Nullable Path errors)
      throws IOException {
    var command = new ArrayList<String>(prefix);
    command.add(String.valueOf(GateNode.javaBinary()));
    command.addAll(jvm);
    command.add(
        "-Djava.util.logging.config.file="
            + System.getProperty("java.util.logging.config.file", ""));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), GateNode.class.getName()));
    command.addAll(
        List.of(
            text(self),
            String.join(",", voters.stream().map(Child::text).toList()),
            directory.toString(),
            Integer.toString(port),
            groups));
    var errorsTo =
        errors == null
            ? ProcessBuilder.Redirect.INHERIT
            : ProcessBuilder.Redirect.to(errors.toFile());
    process = new ProcessBuilder(command).redirectError(errorsTo).start();
    in = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(() -> listen(process.inputReader(StandardCharsets.UTF_8)));
  }

  private static String text(Voter voter) {
    return voter.node() + "/" + voter.storageId() + "/" + voter.address();
  }

  private void listen(BufferedReader out) {
    try (out) {
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        var part = line.split(" ", 3);
        switch (part[0]) {
          case "bound" -> port.complete(Integer.parseInt(part[1]));
          case "fatal" -> fatal.complete(line);
          case "answer" -> {
            var call = open.remove(Long.parseLong(part[1]));
            if (call != null) {
              call.complete(part[2]);
            }
          }
          default -> throw new IllegalStateException(line);
        }
      }
    } catch (IOException e) {
      // The process ended.
    } finally {
      port.completeExceptionally(new IOException("the process ended"));
      open.values().forEach(call -> call.complete("unknown the process ended"));
    }
  }

  int port() {
    return get(port, Duration.ofSeconds(30));
  }

  CompletableFuture<String> fatal() {
    return fatal;
  }

  CompletableFuture<String> ask(String command) {
    long id = calls.incrementAndGet();
    var call = new CompletableFuture<String>();
    open.put(id, call);
    synchronized (in) {
      try {
        in.write(id + " " + command + "\n");
        in.flush();
      } catch (IOException e) {
        open.remove(id);
        call.complete("unknown the process ended");
      }
    }
    if (!process.isAlive()) {
      call.complete("unknown the process ended");
    }
    return call;
  }

  String answer(String command, Duration bound) {
    return get(ask(command), bound);
  }

  @Nullable String answerOrNull(String command, Duration bound) {
    try {
      return ask(command).get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  static <T> T get(CompletableFuture<T> future, Duration bound) {
    try {
      return future.get(bound.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " answered " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  int exitCode(Duration bound) {
    return get(process.onExit(), bound).exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
