package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.door.Door;
import dev.limpet.node.door.EdgeProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class WatchTest {
  private final FakeDoor door = new FakeDoor();

  @Test
  void watch_isALineOfJsonForEachDecision() throws Exception {
    CountDownLatch watching = new CountDownLatch(1);
    door.onWatch = watching::countDown;
    try (EdgeProvider.Edge edge = Edges.open(door);
        Wire wire = new Wire(edge.address())) {
      wire.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\n\r\n");
      Wire.Answer head = wire.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Type")).isEqualTo("application/x-ndjson");
      assertThat(watching.await(5, TimeUnit.SECONDS)).isTrue();
      door.say(new Door.Line(7, "join", "n2 joins\nas 7"));
      door.say(new Door.Line(8, "expire", "n1"));
      assertThat(wire.lines(2))
          .containsExactly(
              "{\"index\":7,\"kind\":\"join\",\"text\":\"n2 joins\\nas 7\"}",
              "{\"index\":8,\"kind\":\"expire\",\"text\":\"n1\"}");
      door.say(new Door.Line(9, "expired", "n1 and 2 shards", List.of("n1", "shard 1", "shard 2")));
      assertThat(wire.lines(1))
          .containsExactly(
              "{\"index\":9,\"kind\":\"expired\",\"text\":\"n1 and 2 shards\","
                  + "\"decisions\":[\"n1\",\"shard 1\",\"shard 2\"]}");
    }
  }

  @Test
  void watch_asEvents_hasIdEventAndData() throws Exception {
    try (EdgeProvider.Edge edge = Edges.open(door);
        Wire wire = new Wire(edge.address())) {
      wire.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n");
      assertThat(wire.head().header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(wire.lines(1)).containsExactly(":");
      door.say(new Door.Line(7, "join", "n2"));
      assertThat(wire.lines(3))
          .containsExactly(
              "id: 7", "event: join", "data: {\"index\":7,\"kind\":\"join\",\"text\":\"n2\"}");
    }
  }

  @Test
  void watch_withNothingToHear_beats() throws Exception {
    try (EdgeProvider.Edge edge =
            Edges.open(door, Edges.SETTINGS.withHeartbeat(Duration.ofMillis(20)));
        Wire wire = new Wire(edge.address())) {
      wire.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\n\r\n");
      wire.head();
      for (int i = 0; i < 5; i++) {
        assertThat(wire.chunk()).isEqualTo("\n");
      }
    }
  }

  @Test
  void watcher_thatGoes_isForgotten() throws Exception {
    try (EdgeProvider.Edge edge =
        Edges.open(door, Edges.SETTINGS.withHeartbeat(Duration.ofMillis(10)))) {
      try (Wire wire = new Wire(edge.address())) {
        wire.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\n\r\n");
        wire.head();
        assertThat(door.watchers).hasSize(1);
      }
      assertThat(Edges.eventually(door.watchers::isEmpty)).isTrue();
    }
  }

  @Test
  void watcher_thatDoesNotRead_isCutOff() throws Exception {
    try (EdgeProvider.Edge edge = Edges.open(door);
        Wire wire = new Wire(edge.address())) {
      wire.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\n\r\n");
      wire.head();
      String text = "t".repeat(100_000);
      for (int i = 0; i < 20_000 && !door.watchers.isEmpty(); i++) {
        door.say(new Door.Line(i, "join", text));
      }
      assertThat(Edges.eventually(door.watchers::isEmpty)).isTrue();
    }
  }

  @Test
  void watchers_beyondTheBound_are429_untilOneGoes() throws Exception {
    EdgeSettings one = Edges.SETTINGS.withBounds(10, 10, 1).withHeartbeat(Duration.ofMillis(10));
    try (EdgeProvider.Edge edge = Edges.open(door, one);
        Wire next = new Wire(edge.address())) {
      try (Wire first = new Wire(edge.address())) {
        first.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\n\r\n");
        first.head();
        assertThat(next.request("GET", "/admin/watch").code()).isEqualTo("LMP-2005");
      }
      assertThat(Edges.eventually(door.watchers::isEmpty)).isTrue();
    }
  }

  @Test
  void watch_whenTheEdgeCloses_endsProperly() throws Exception {
    EdgeProvider.Edge edge = Edges.open(door);
    try (Wire wire = new Wire(edge.address())) {
      wire.send("GET /admin/watch HTTP/1.1\r\nHost: h\r\n\r\n");
      wire.head();
      assertThat(wire.chunk()).isEqualTo("\n");
      edge.close();
      assertThat(wire.chunk()).isNull();
      assertThat(wire.ended()).isTrue();
    }
  }

  @Test
  void watch_byPost_isNotAllowed() throws Exception {
    try (EdgeProvider.Edge edge = Edges.open(door);
        Wire wire = new Wire(edge.address())) {
      assertThat(wire.request("POST", "/admin/watch").code()).isEqualTo("LMP-1007");
    }
  }
}
