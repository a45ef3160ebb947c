package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Hosting;
import dev.limpet.ProcessId;
import dev.limpet.node.home.LiveReport;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A turn that does not end is told of, with its stack. The test says what time it is. */
@Timeout(90)
class StuckTurnTest {
  private final Shore shore = new Shore();
  private final LogLines log = new LogLines("limpet.process.probe");
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final long start = System.nanoTime();

  @AfterEach
  void close() {
    go.countDown();
    log.close();
    shore.close();
  }

  private void look(long second) {
    shore.shards.supervise(start + TimeUnit.SECONDS.toNanos(second));
  }

  private LiveReport report() {
    return Objects.requireNonNull(shore.shards.find(0, new ProcessId("probe", "a")));
  }

  @Test
  void turn_thatRunsForLong_isLoggedOnceWithItsStackAndShown() throws Exception {
    shore.acts.on("hang", p -> hangInTheMailer(begun, go));
    shore.probe("a").act("nothing");
    Caller<Long> hanging = Caller.start(() -> shore.probe("a").act("hang"));
    begun.await();
    Caller<Long> waiting = Caller.start(() -> shore.probe("a").act("add"));
    Caller.until(() -> shore.waiting("a") == 1);
    look(0);
    look(29);
    assertThat(log.texts()).isEmpty();
    assertThat(report().state()).isEqualTo("live");

    look(30);
    look(31);

    assertThat(log.texts())
        .singleElement()
        .asString()
        .contains("probe/a")
        .contains("runs act for 30.0 s")
        .contains("1 calls wait")
        .contains("hangInTheMailer");
    LiveReport report = report();
    assertThat(report.state()).isEqualTo("stuck");
    assertThat(report.stuck())
        .satisfies(s -> {
          assertThat(Objects.requireNonNull(s).method()).isEqualTo("act");
          assertThat(s.stack()).anyMatch(frame -> frame.contains("hangInTheMailer"));
        });
    assertThat(shore.shards.stuckCount()).isEqualTo(1);
    assertThat(shore.shards.processes(null, "stuck", 10)).hasSize(1);

    go.countDown();
    hanging.get();
    assertThat(waiting.get()).isEqualTo(1);
    look(45);
    assertThat(log.texts()).hasSize(2);
    assertThat(log.texts().getLast()).contains("probe/a").contains("is over, after 45.0 s");
    assertThat(report().state()).isEqualTo("live");
    assertThat(shore.shards.stuckCount()).isZero();
    assertThat(shore.shards.processes(null, "stuck", 10)).isEmpty();
  }

  private static long hangInTheMailer(CountDownLatch begun, CountDownLatch go)
      throws InterruptedException {
    return TurnsTest.hold(begun, go);
  }

  @Test
  void turn_thatGoesOn_isReportedAgainAtGrowingIntervals() throws Exception {
    shore.acts.on("hang", p -> TurnsTest.hold(begun, go));
    Caller<Long> hanging = Caller.start(() -> shore.probe("a").act("hang"));
    begun.await();
    for (int second = 0; second <= 300; second++) {
      look(second);
    }
    assertThat(log.texts()).as("after 30, 60, 120 and 240 s").hasSize(4);
    go.countDown();
    hanging.get();
  }

  @Test
  void turn_onAVirtualThread_isReportedWithItsStackToo() throws Exception {
    shore.acts.on("hang", p -> hangInTheMailer(begun, go));
    Thread virtual =
        Thread.startVirtualThread(() -> {
          try {
            shore.probe("a").act("hang");
          } catch (Refused e) {
            throw new IllegalStateException(e);
          }
        });
    begun.await();
    look(0);
    look(30);
    assertThat(log.texts())
        .singleElement()
        .asString()
        .contains("virtual " + virtual.threadId())
        .contains("hangInTheMailer");
    go.countDown();
    virtual.join();
  }

  @Test
  void constructor_thatDoesNotReturn_isReportedAsSuch() throws Exception {
    shore.acts.construction = p -> TurnsTest.hold(begun, go);
    Caller<Long> hanging = Caller.start(() -> shore.probe("a").act("add"));
    begun.await();
    look(0);
    look(30);
    assertThat(log.texts()).singleElement().asString().contains("runs its constructor for 30.0 s");
    go.countDown();
    assertThat(hanging.get()).isEqualTo(1);
  }

  @Test
  void turns_ofABusyProcess_areNotStuck() throws Exception {
    for (int second = 0; second <= 100; second++) {
      shore.probe("a").act("add");
      look(second);
    }
    assertThat(log.texts()).isEmpty();
    assertThat(shore.shards.stuckCount()).isZero();
  }

  @Test
  void bound_isTheTypes() throws Exception {
    try (Shore hasty =
        new Shore(Hosting.Options.DEFAULT.withTurnsReportedAfter(Duration.ofSeconds(2)))) {
      hasty.acts.on("hang", p -> TurnsTest.hold(begun, go));
      Caller<Long> hanging = Caller.start(() -> hasty.probe("a").act("hang"));
      begun.await();
      hasty.shards.supervise(0);
      hasty.shards.supervise(TimeUnit.SECONDS.toNanos(2));
      assertThat(hasty.shards.stuckCount()).isEqualTo(1);
      go.countDown();
      hanging.get();
    }
  }
}
