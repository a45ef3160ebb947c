package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.Reach;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.Signal;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node knows what it reaches by asking. */
@Timeout(60)
class ReachWatchTest {
  private static final Times TIMES =
      Times.of(TimeUnit.MILLISECONDS.toNanos(50), TimeUnit.MILLISECONDS.toNanos(600));

  private final List<AutoCloseable> opened = new ArrayList<>();
  private volatile boolean answering = true;
  private volatile boolean storeWorks = true;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private Transport node(String name, Consumer<Inbound> handler) throws IOException {
    Transport transport =
        Transport.bind(
            TransportConfig.on(Addresses.parse("127.0.0.1:0")),
            new Hello("reach", name).greeting(),
            handler::accept,
            lost -> {});
    opened.add(transport);
    return transport;
  }

  private void perhaps(Inbound in) {
    if (answering) {
      in.reply(new byte[0]);
    }
  }

  private record World(List<String> addresses) implements Cluster {
    @Override
    public Placement view() {
      Map<Long, Member> members = new TreeMap<>();
      for (String address : addresses) {
        long r = members.size() + 1L;
        members.put(r, new Member("n" + r, r, "boot", "storage", address, "", 0));
      }
      return new Placement(99, "c", new byte[16], "", members, List.of(), Set.of());
    }

    @Override
    public long viewIndex() {
      return 99;
    }

    @Override
    public long registration() {
      return 1;
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

  private static String text(Transport transport) {
    return "127.0.0.1:" + transport.port();
  }

  private ReachWatch watch(Transport self, List<String> addresses) {
    ReachWatch watch =
        new ReachWatch(
            new World(addresses),
            "n1",
            self,
            () ->
                storeWorks
                    ? CompletableFuture.completedFuture(1L)
                    : CompletableFuture.failedFuture(new IllegalStateException("planned")),
            TIMES);
    opened.add(watch);
    watch.start();
    return watch;
  }

  private static void await(ReachWatch watch, Reach expected) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!watch.reach().equals(expected)) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Test
  void peersThatDoNotAnswer_thoughTheirConnectionsStand_areNotReached_untilTheyAnswer()
      throws Exception {
    Transport self = node("n1", this::perhaps);
    ReachWatch watch =
        watch(
            self,
            List.of(text(self), text(node("n2", this::perhaps)), text(node("n3", this::perhaps))));
    await(watch, Reach.ALL);
    answering = false;
    await(watch, new Reach(true, false));
    answering = true;
    await(watch, Reach.ALL);
  }

  @Test
  void halfOfTheMembers_isNotMost_andTwoOfThreeIs() throws Exception {
    Transport self = node("n1", this::perhaps);
    String silent = text(node("silent", in -> {}));
    String good = text(node("n2", this::perhaps));
    await(watch(self, List.of(text(self), silent)), new Reach(true, false));
    ReachWatch three = watch(self, List.of(text(self), good, silent));
    await(watch(self, List.of(text(self), good, silent, silent)), new Reach(true, false));
    assertThat(three.reach()).isEqualTo(Reach.ALL);
  }

  @Test
  void storeThatTakesNothing_isNotReached_untilItDoes() throws Exception {
    Transport self = node("n1", this::perhaps);
    ReachWatch watch = watch(self, List.of(text(self)));
    await(watch, Reach.ALL);
    storeWorks = false;
    await(watch, new Reach(false, true));
    storeWorks = true;
    await(watch, Reach.ALL);
  }
}
