package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.Signal;
import dev.limpet.ports.FreePorts;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A refused port is reported, and nothing else is. */
@Timeout(60)
class DeathWatchTest {
  private static final long SELF = 11;
  private static final long DEAD = 12;
  private static final long OTHER = 13;

  private final BlockingQueue<Long> reports = new LinkedBlockingQueue<>();
  private Transport transport;

  @BeforeEach
  void bind() throws IOException {
    transport =
        Transport.bind(
            TransportConfig.on(Addresses.parse("127.0.0.1:0")),
            new Hello("deaths", "n11").greeting(),
            in -> in.fail("not asked"),
            lost -> {});
  }

  @AfterEach
  void close() {
    transport.close();
  }

  /** A view in which this node, and the others at those addresses, are members. */
  private record World(Map<Long, String> addresses) implements Cluster {
    @Override
    public Placement view() {
      Map<Long, Member> members = new java.util.TreeMap<>();
      addresses.forEach((r, address) ->
          members.put(r, new Member("n" + r, r, "boot", "storage", address, "", 0)));
      return new Placement(99, "c", new byte[16], "", members, List.of(), Set.of());
    }

    @Override
    public long viewIndex() {
      return 99;
    }

    @Override
    public long registration() {
      return SELF;
    }

    @Override
    public Gate gate() {
      throw new UnsupportedOperationException("nobody asks for a lease here");
    }

    @Override
    public boolean isVacant(String role) {
      return false;
    }

    @Override
    public Signal changes() {
      return new Signal();
    }
  }

  private DeathWatch watch(RefusedPorts when, Map<Long, String> addresses) {
    return new DeathWatch(new World(addresses), transport, when, reports::add);
  }

  /** A port that nobody listens on. */
  private static String closedPort() {
    return FreePorts.address();
  }

  @Test
  void portThatNobodyHolds_isReportedAgainAndAgain() throws Exception {
    try (DeathWatch watch = watch(RefusedPorts.LOOPBACK, Map.of(DEAD, closedPort()))) {
      watch.start();
      for (int i = 0; i < 3; i++) {
        assertThat(reports.poll(20, TimeUnit.SECONDS)).isEqualTo(DEAD);
      }
    }
  }

  @Test
  void portTakenByAnotherProgram_isNotReported_thoughItIsNoNode() throws Exception {
    try (ServerSocket stranger = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        DeathWatch watch =
            watch(
                RefusedPorts.LOOPBACK,
                Map.of(OTHER, "127.0.0.1:" + stranger.getLocalPort(), DEAD, closedPort()))) {
      watch.start();
      for (int i = 0; i < 10; i++) {
        assertThat(reports.poll(20, TimeUnit.SECONDS)).isEqualTo(DEAD);
      }
    }
  }

  @Test
  void nodeItself_isNeverReported() throws Exception {
    try (DeathWatch watch =
        watch(RefusedPorts.LOOPBACK, Map.of(SELF, closedPort(), DEAD, closedPort()))) {
      watch.start();
      for (int i = 0; i < 10; i++) {
        assertThat(reports.poll(20, TimeUnit.SECONDS)).isEqualTo(DEAD);
      }
    }
  }

  @Test
  void refusals_areBelievedWhereTheSettingSaysSo() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    InetAddress elsewhere = InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
    assertThat(RefusedPorts.LOOPBACK.believes(loopback)).isTrue();
    assertThat(RefusedPorts.LOOPBACK.believes(elsewhere)).isFalse();
    assertThat(RefusedPorts.ALWAYS.believes(elsewhere)).isTrue();
    assertThat(RefusedPorts.NEVER.believes(loopback)).isFalse();
  }
}
