package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who speaks something else on the port between nodes is cut off, and the node goes on serving. */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class StrangersTest {
  private static final int CLOSE_MILLIS = 15_000;
  private static final int RANDOM_STREAMS = 20;
  private static final int SILENT = 50;
  private static final String TLS_HELLO =
      "16030100c5010000c10303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006"
          + "130113021303010000920000001800160000136578616d706c652e756c666865696d2e6e6574000b000403000102";

  @Test
  void nodeLivesAndServes_whateverComesToItsClusterPort(FaultyCluster cluster) throws IOException {
    cluster.heal();
    NodeChild node = cluster.follower();
    long pid = node.pid();
    long registration = registration(node);
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, byte[]> streams = new LinkedHashMap<>();
    for (int i = 0; i < RANDOM_STREAMS; i++) {
      byte[] bytes = new byte[1 + random.nextInt(100_000)];
      random.nextBytes(bytes);
      streams.put("random bytes " + i, bytes);
    }
    streams.put("a Java serialized stream", serialized());
    streams.put(
        "an HTTP request",
        "GET /admin/nodes HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    streams.put("a TLS hello", HexFormat.of().parseHex(TLS_HELLO));
    streams.put(
        "a huge length", ByteBuffer.allocate(8).putInt(Integer.MAX_VALUE).putInt(1).array());
    streams.put("a negative length", ByteBuffer.allocate(8).putInt(-1).putInt(-1).array());
    streams.put("nothing but zeros", new byte[4_096]);

    List<String> open = new ArrayList<>();
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < SILENT; i++) {
        silent.add(connect(node));
      }
      streams.forEach((what, bytes) -> {
        if (!isCutOff(node, bytes)) {
          open.add(what);
        }
        Answer answer = Answer.of(node, "strangers", "add", "{\"n\":1}", 5_000);
        assertThat(answer.status())
            .as("a call after %s (seed %d): %s", what, seed, answer)
            .isEqualTo(200);
      });
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
    System.err.printf(
        "faults: strangers: seed %d, %d streams, left open: %s%n", seed, streams.size(), open);
    assertThat(open).as("who was not cut off within %d ms", CLOSE_MILLIS).isEmpty();
    assertThat(node.isAlive()).isTrue();
    assertThat(node.pid()).isEqualTo(pid);
    assertThat(registration(node)).as("its registration").isEqualTo(registration);
    assertThat(Answer.of(node, "strangers", "get", "{}", 5_000).body())
        .isEqualTo(Integer.toString(streams.size()));
  }

  private static Socket connect(NodeChild node) throws IOException {
    int colon = node.cluster().lastIndexOf(':');
    Socket socket = new Socket();
    socket.connect(
        new InetSocketAddress(
            node.cluster().substring(0, colon),
            Integer.parseInt(node.cluster().substring(colon + 1))),
        2_000);
    return socket;
  }

  /** Sends bytes, and waits until the node has closed the connection. */
  private static boolean isCutOff(NodeChild node, byte[] bytes) {
    try (Socket socket = connect(node)) {
      socket.setSoTimeout(CLOSE_MILLIS);
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      byte[] answer = new byte[4_096];
      while (socket.getInputStream().read(answer) >= 0) {
        // Whatever it says, it has to end.
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** A list of one string, as Java serialization writes it; by hand, since nothing of ours may use that. */
  private static byte[] serialized() {
    return HexFormat.of()
        .parseHex(
            "aced0005737200136a6176612e7574696c2e41727261794c6973747881d2"
                + "1d99c7619d03000149000473697a657870000000017704000000017400016178");
  }

  private static long registration(NodeChild node) {
    return FaultyCluster.member(node, node).path("registration").asLong(-1);
  }
}
