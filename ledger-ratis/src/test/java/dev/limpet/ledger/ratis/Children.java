package dev.limpet.ledger.ratis;

import dev.limpet.ports.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Three {@link Child} nodes, behind gateways of this JVM or (for speed) directly reachable. */
final class Children implements AutoCloseable {
  static final Duration SHORT = Duration.ofSeconds(5);

  final List<Voter> voters = new ArrayList<>();
  private final List<Gateway> gateways = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final Map<Integer, Child> children = new ConcurrentHashMap<>();
  private final Map<Integer, Path> directories = new ConcurrentHashMap<>();
  private final Path root;
  private final String groups;
  private List<String> jvm = Child.JVM;

  Children(Path root, String groups, boolean direct) throws IOException {
    this.root = root;
    this.groups = groups;
    for (int i = 0; i < 3; i++) {
      String address;
      if (direct) {
        ports.add(FreePorts.next());
        address = "127.0.0.1:" + ports.get(i);
      } else {
        gateways.add(new Gateway());
        ports.add(0);
        address = gateways.get(i).address();
      }
      voters.add(new Voter("n" + (i + 1), "s" + (i + 1), address));
    }
  }

  Children jvm(List<String> flags) {
    jvm = flags;
    return this;
  }

  Children directory(int i, Path path) {
    directories.put(i, path);
    return this;
  }

  Children startAll() {
    for (int i = 0; i < 3; i++) {
      launch(i, List.of());
    }
    for (int i = 0; i < 3; i++) {
      connect(i);
    }
    return this;
  }

  void start(int i) {
    launch(i, List.of());
    connect(i);
  }

  void launch(int i, List<String> prefix) {
    try {
      var directory = directories.getOrDefault(i, root.resolve("n" + (i + 1)));
      children.put(
          i, new Child(voters.get(i), voters, directory, ports.get(i), groups, jvm, prefix, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void connect(int i) {
    int port = child(i).port();
    if (!gateways.isEmpty()) {
      gateways.get(i).target(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
  }

  void kill(int i) {
    child(i).close();
    if (!gateways.isEmpty()) {
      gateways.get(i).target(null);
    }
  }

  Child child(int i) {
    var child = children.get(i);
    if (child == null) {
      throw new IllegalStateException("no child " + i);
    }
    return child;
  }

  int leader(String group, Integer... except) {
    return Eventually.get("a leader of " + group, () -> leaderNow(group, List.of(except)));
  }

  @Nullable Integer leaderNow(String group, List<Integer> except) {
    for (int i = 0; i < 3; i++) {
      if (!except.contains(i) && children.containsKey(i) && child(i).isAlive()) {
        var who = child(i).answerOrNull("who " + group, Duration.ofMillis(500));
        if (who != null && who.split(" ", -1).length > 2 && who.split(" ", -1)[2].equals("true")) {
          return i;
        }
      }
    }
    return null;
  }

  long term(int i, String group) {
    return Long.parseLong(child(i).answer("who " + group, SHORT).split(" ", -1)[0]);
  }

  /** Appends until one attempt is answered "ok"; nodes named in {@code except} are not asked. */
  String append(String group, String line, Integer... except) {
    return Eventually.get(
        "append " + line,
        () -> {
          for (int i = 0; i < 3; i++) {
            if (List.of(except).contains(i) || !children.containsKey(i) || !child(i).isAlive()) {
              continue;
            }
            var answer = child(i).answerOrNull("append " + group + " " + line, SHORT);
            if (answer != null && answer.startsWith("ok ")) {
              return answer;
            }
          }
          return null;
        });
  }

  @Override
  public void close() {
    children.values().forEach(Child::close);
    gateways.forEach(Gateway::close);
  }
}
