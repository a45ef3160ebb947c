package dev.limpet.cli.bench;

import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import dev.limpet.cli.load.Gaps.Gap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of a cluster in the milliseconds after a failure, as one of the other nodes tells it. Thread-safe. */
/*
 * Two things are listened to: the decisions of the ledger, as they are applied there, and who leads the ledger, asked every
 * few milliseconds. What comes later, the claims and the loads, shows in the answers of the keys.
 */
final class FailoverTimeline implements AutoCloseable {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long FELT_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int ANSWER_MILLIS = 2_000;

  private final NodeChild asked;
  private final String victim;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Stream<String> decisions;
  private final List<Moment> moments = new ArrayList<>();
  private volatile boolean closed;

  /** Something that was seen. */
  private record Moment(long atNanos, String kind, String text) {}

  private FailoverTimeline(NodeChild asked, String victim) {
    this.asked = asked;
    this.victim = victim;
    HttpRequest watch =
        HttpRequest.newBuilder(URI.create("http://" + asked.http() + "/admin/watch")).build();
    try {
      // Returns when the watch has begun.
      decisions = client.send(watch, HttpResponse.BodyHandlers.ofLines()).body();
    } catch (IOException e) {
      throw Refusal.failed("node " + asked.id() + " cannot be watched: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.failed("interrupted");
    }
  }

  /** Begins to listen to a node that is to live on. */
  static FailoverTimeline of(LocalCluster cluster, NodeChild victim) {
    NodeChild asked =
        cluster.nodes().stream().filter(node -> !node.equals(victim)).findFirst().orElseThrow();
    FailoverTimeline timeline = new FailoverTimeline(asked, victim.id());
    start("timeline-decisions", timeline::follow);
    start("timeline-leader", timeline::askWhoLeads);
    return timeline;
  }

  private static void start(String name, Runnable work) {
    Thread unused = Thread.ofVirtual().name(name).start(work);
  }

  private void follow() {
    try {
      decisions.forEach(line -> {
        JsonNode decision = json(line);
        if (decision != null) {
          seen(decision.path("kind").asString(""), decision.path("text").asString(""));
        }
      });
    } catch (UncheckedIOException e) {
      // It was closed.
    }
  }

  private void askWhoLeads() {
    String before = "";
    try (Wire wire = Wire.connect(asked.http(), ANSWER_MILLIS)) {
      while (!closed) {
        JsonNode cluster = json(wire.get("/admin/cluster", ANSWER_MILLIS).body());
        String leader = cluster == null ? "" : cluster.path("leader").asString("");
        if (!leader.equals(before)) {
          seen("leader", leader);
          before = leader;
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    } catch (IOException e) {
      // What was seen until now is told.
    }
  }

  private static @Nullable JsonNode json(String text) {
    try {
      return text.isBlank() ? null : JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      return null;
    }
  }

  private synchronized void seen(String kind, String text) {
    moments.add(new Moment(System.nanoTime(), kind, text));
  }

  private synchronized @Nullable Moment first(long since, String kind) {
    return moments.stream()
        .filter(m -> m.atNanos - since >= 0 && m.kind.equals(kind) && !m.text.isEmpty())
        .filter(m -> !kind.equals("leader") || !m.text.equals(victim))
        .findFirst()
        .orElse(null);
  }

  /**
   * The way of a failure, a line for each step.
   *
   * @param failed when it happened, in {@code System.nanoTime}
   * @param led whether the victim led the ledger
   * @param gaps the times without an answer of the keys that felt it
   */
  List<String> lines(long failed, boolean led, List<Gap> gaps) {
    List<String> lines = new ArrayList<>();
    Moment leader = led ? first(failed, "leader") : null;
    if (leader != null) {
      lines.add(line(failed, leader.atNanos, "the ledger is led by " + leader.text));
    } else if (led) {
      lines.add("  never     the ledger is led by another node");
    }
    Moment expired = first(failed, "expired");
    lines.add(
        expired == null
            ? "  never     its death is decided"
            : line(failed, expired.atNanos, "its death is decided: " + expired.text));
    List<Long> answers =
        gaps.stream()
            .filter(gap -> gap.fromNanos() - failed < FELT_WITHIN_NANOS)
            .map(Gap::toNanos)
            .sorted()
            .toList();
    if (!answers.isEmpty()) {
      lines.add(line(failed, answers.getFirst(), "the first of " + answers.size() + " keys"));
      lines.add(line(failed, answers.get(answers.size() / 2), "half of them"));
      lines.add(line(failed, answers.getLast(), "all of them are answered again"));
    }
    return lines;
  }

  private static String line(long failed, long at, String what) {
    return String.format(Locale.ROOT, "%7.1f ms  %s", (at - failed) / 1e6, what);
  }

  @Override
  public void close() {
    closed = true;
    client.shutdownNow();
    decisions.close();
    client.close();
  }
}
