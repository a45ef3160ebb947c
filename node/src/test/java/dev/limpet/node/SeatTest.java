package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.lease.Times;
import dev.limpet.ledger.ratis.Ending;
import dev.limpet.ledger.ratis.LogTuning;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.DataDirectory;
import dev.limpet.node.cluster.Hello;
import dev.limpet.node.cluster.Voters;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The replicas of a node alone: what they do when one of them is ended. */
@Timeout(120)
class SeatTest {
  private static final Duration FAR = Duration.ofMinutes(1);

  @TempDir Path directory;

  private final List<Throwable> fatal = new CopyOnWriteArrayList<>();
  private final AtomicInteger left = new AtomicInteger();
  private DataDirectory data;
  private Transport transport;
  private Seat seat;
  private Voter self;

  @BeforeEach
  void open() throws Exception {
    String address = Trio.freeAddresses(1).getFirst();
    data = DataDirectory.open(directory, "test", "n1");
    transport =
        Transport.bind(
            TransportConfig.on(Addresses.parse(address)),
            null,
            new Hello("test", "n1").greeting(),
            in -> in.fail("nothing is served here"),
            fatal::add);
    Consumer<Throwable> onFatal = fatal::add;
    Times times = Times.of(TimeUnit.MILLISECONDS.toNanos(300), TimeUnit.MILLISECONDS.toNanos(1500));
    seat = new Seat("c1", "n1", address, data, times, LogTuning.DEFAULT, transport, null, onFatal);
    seat.listen(held -> {}, left::incrementAndGet);
    self = new Voter("n1", data.storage(), address);
  }

  @AfterEach
  void close() {
    seat.close();
    transport.close();
    data.close();
  }

  private static Voters knowing(List<Voter> voters) {
    return new Voters("n1", voters, 0, (now, since) -> {});
  }

  private Seat.Held takingPart() throws Exception {
    Caller.until(() -> seat.takingPart(Seat.LEDGER) != null && seat.takingPart(Seat.STORE) != null);
    return seat.required();
  }

  @Test
  void votersReplica_whenEnded_isTakenAgain_andTheNodeGoesOn() throws Exception {
    seat.take(knowing(List.of(self)), List.of(self));
    Seat.Held first = takingPart();
    Ending.end(first.engine(), Seat.STORE);
    Caller.until(() -> left.get() == 1);
    Caller.until(() -> seat.held() != null && seat.held() != first);
    takingPart();
    assertThat(fatal).isEmpty();
  }

  @Test
  void replicaThatTakesNoPart_isNotWaitedFor_sinceOthersAreRead() throws Exception {
    Voter other = new Voter("n2", "s2", Trio.freeAddresses(1).getFirst());
    assertThat(seat.reached(7, FAR)).isCompletedWithValue(7L);
    seat.take(knowing(List.of(other)), List.of());
    assertThat(seat.reached(7, FAR)).isCompletedWithValue(7L);
  }

  @Test
  void replicaThatTakesPart_isWaitedFor() throws Exception {
    seat.take(knowing(List.of(self)), List.of(self));
    takingPart();
    assertThat(seat.reached(1_000_000, FAR)).isNotDone();
  }

  @Test
  void replicaOfOneThatIsNoVoter_whenEnded_isTakenAgainAsSoonAsTheNodeIsAsked() throws Exception {
    Voter other = new Voter("n2", "s2", Trio.freeAddresses(1).getFirst());
    Voters known = knowing(List.of(other));
    seat.take(known, List.of(self, other));
    Seat.Held first = seat.required();
    Ending.end(first.engine(), Seat.STORE);
    Caller.until(() -> left.get() == 1);
    seat.take(known, List.of());
    assertThat(seat.required()).isNotSameAs(first);
    assertThat(fatal).isEmpty();
  }
}
