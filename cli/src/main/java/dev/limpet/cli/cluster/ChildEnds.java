package dev.limpet.cli.cluster;

import dev.limpet.cli.http.Wire;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells the nodes of a cluster of each child that has ended, since nobody knows it as surely and as soon as the parent that
 * waited for it (rule 7). Thread-safe.
 */
/*
 * What the parent knows by itself is the child's number and when it was started. Which member that is, it asks at the
 * child's end, so that a node that had to join anew is named by its latest registration. The nodes compare all of it
 * with what the child said of itself when it joined.
 */
final class ChildEnds implements AutoCloseable {
  private static final int ANSWER_MILLIS = 1_000;
  private static final int EXPIRY_MILLIS = 7_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final List<String> http;
  private volatile boolean closed;

  /**
   * Watches nobody yet.
   *
   * @param http all nodes' addresses, {@code host:port}
   */
  ChildEnds(List<String> http) {
    this.http = http;
  }

  /** Waits for the end of a child that was just started. */
  void watch(String node, Process child) {
    Optional<Instant> started = child.info().startInstant();
    if (started.isPresent()) {
      Thread unused =
          Thread.ofVirtual().name("child-" + node).start(() -> await(node, child, started.get()));
    }
  }

  private void await(String node, Process child, Instant started) {
    try {
      int unused = child.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!closed && System.nanoTime() - end < 0 && !told(node, child.pid(), started)) {
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
  }

  /** Whether nobody need be told any more. */
  private boolean told(String node, long pid, Instant started) {
    for (String address : http) {
      try (Wire wire = Wire.connect(address, ANSWER_MILLIS)) {
        Wire.Reply members = wire.get("/admin/nodes", ANSWER_MILLIS);
        if (members.status() != 200) {
          continue;
        }
        JsonNode member =
            member(JsonMapper.shared().readTree(members.body()), node, pid, started.toEpochMilli());
        if (member == null) {
          return true;
        }
        Wire.Reply answer = wire.post(path(node, member), "", null, EXPIRY_MILLIS);
        if (answer.status() == 200 || answer.status() == 400) {
          return true;
        }
      } catch (IOException | JacksonException e) {
        // Perhaps it is the dead one; the next may answer.
        continue;
      }
    }
    return false;
  }

  private static @Nullable JsonNode member(
      JsonNode members, String node, long pid, long startedMillis) {
    for (JsonNode member : members) {
      JsonNode start = member.path("start");
      if (member.path("node").asString("").equals(node)
          && start.path("pid").asLong(-1) == pid
          && start.path("startedMillis").asLong(-1) == startedMillis) {
        return member;
      }
    }
    return null;
  }

  private static String path(String node, JsonNode member) {
    JsonNode start = member.path("start");
    return "/admin/ended/"
        + node
        + "?registration="
        + member.path("registration").asLong(0)
        + "&boot="
        + start.path("boot").asString("")
        + "&pid="
        + start.path("pid").asLong(0)
        + "&startedMillis="
        + start.path("startedMillis").asLong(0);
  }

  /** Tells nobody anything any more. */
  @Override
  public void close() {
    closed = true;
  }
}
