package dev.limpet.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that keeps its word passes, and each that does not is found. */
@Timeout(120)
class TrialTest {
  private static final Duration LEASE = Duration.ofMillis(600);

  private static Trial<Tally, Long> adding() {
    return Trial.of(Tally.class, 0L)
        .call("add 1", t -> t.add(1), s -> Expected.answer(s + 1, s + 1))
        .call("add 3", t -> t.add(3), s -> Expected.answer(s + 3, s + 3))
        .read("sum", Tally::sum, s -> s);
  }

  private static TestCluster cluster(ProcessFactory<Tally> factory) {
    return TestCluster.of(3).lease(LEASE).host(Tally.class, factory).start();
  }

  @ParameterizedTest
  @ValueSource(longs = 1)
  void saved_underFaultsOfAllKinds_isRight(long seed) {
    try (TestCluster cluster = cluster(Tally.Saved::new)) {
      Trial.Report report = adding().run(cluster, Faults.of(seed).rounds(4));
      assertThat(report.answered()).isGreaterThan(400);
    }
  }

  @Test
  void saved_calledExactlyOnce_leavesNothingUnknown() {
    try (TestCluster cluster = cluster(Tally.Saved::new)) {
      Faults kills = Faults.of(3).only(Fault.KILL_UNANSWERED, Fault.KILL).rounds(2);
      Trial.Report report = adding().exactlyOnce().run(cluster, kills);
      assertThat(report.unknown() + report.notRun()).isZero();
      assertThat(report.answered()).isGreaterThan(400);
    }
  }

  /** Forgets what it was told when its node dies. */
  private static final class Forgetful implements Tally {
    private long sum;

    @Override
    public long add(long n) {
      sum += n;
      return sum;
    }

    @Override
    public long sum() {
      return sum;
    }

    @Override
    public String place() {
      return "";
    }
  }

  @Test
  void plainField_isFound() {
    try (TestCluster cluster = cluster(self -> new Forgetful())) {
      Faults kills = Faults.of(5).only(Fault.KILL).rounds(3);
      assertThatThrownBy(() -> adding().keys(12).run(cluster, kills))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("cannot have come from one process")
          .hasMessageContaining("faults of seed 5");
    }
  }

  /** Saves on its own account, in a database that all nodes share, and not before it answers: every tenth time. */
  private static final class Buffering implements Tally {
    private final Map<String, Long> database;
    private final String key;
    private long sum;
    private int unsaved;

    Buffering(Map<String, Long> database, String key) {
      this.database = database;
      this.key = key;
      sum = database.getOrDefault(key, 0L);
    }

    @Override
    public long add(long n) {
      sum += n;
      if (++unsaved == 10) {
        database.put(key, sum);
        unsaved = 0;
      }
      return sum;
    }

    @Override
    public long sum() {
      return sum;
    }

    @Override
    public String place() {
      return "";
    }
  }

  @Test
  void answerBeforeSaving_isFound() {
    Map<String, Long> database = new ConcurrentHashMap<>();
    try (TestCluster cluster = cluster(self -> new Buffering(database, self.key()))) {
      Faults kills = Faults.of(5).only(Fault.KILL).rounds(3);
      assertThatThrownBy(() -> adding().keys(12).run(cluster, kills))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("cannot have come from one process");
    }
  }

  @Test
  void modelAndMistakesOfTheTest_withoutFaults() {
    try (TestCluster cluster = TestCluster.of(1).host(Tally.class, Tally.Saved::new).start()) {
      Trial<Tally, Long> refused =
          Trial.of(Tally.class, 0L)
              .call(
                  "add too much",
                  t -> t.add(1_000_001),
                  s -> Expected.refusal(s, Tally.TooMuch.class))
              .read("sum", Tally::sum, s -> s)
              .calls(20);
      assertThat(refused.run(cluster).answered()).isEqualTo(20 + 4);

      assertThatThrownBy(() ->
              Trial.of(Tally.class, 0L)
                  .call("add 1", t -> t.add(1), s -> Expected.answer(s + 1, s + 1))
                  .run(cluster))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(".read(");

      assertThatThrownBy(() ->
              Trial.of(Tally.class, 0L)
                  .call("add 1", t -> t.add(1), s -> Expected.answer(s + 2, s + 2))
                  .read("sum", Tally::sum, s -> s)
                  .keys(1)
                  .calls(3)
                  .run(cluster))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("-> 1");
    }
  }

  @Test
  void turnThatThrowsWhatItDoesNotDeclare_isFound() {
    ProcessFactory<Tally> broken =
        self ->
            new Tally.Saved(
                self,
                () -> {
                  throw new IllegalStateException("a bug");
                });
    try (TestCluster cluster = TestCluster.of(1).host(Tally.class, broken).start()) {
      assertThatThrownBy(() -> adding().calls(5).run(cluster))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("IllegalStateException");
    }
  }
}
