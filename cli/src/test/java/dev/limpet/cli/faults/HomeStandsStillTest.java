package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.cluster.NodeChild;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SIGSTOP under load: a node that stands still knows nothing of it, and when it goes on it finishes what it had begun,
 * which by then may be somebody else's.
 */
@Tag("faults")
@ExtendWith(SharedCluster.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class HomeStandsStillTest {
  private static final int LIVE_ELSEWHERE_SECONDS = 20;

  /** Longer than what counts as a pause, a quarter of a lease. */
  private static final int SHORT_MILLIS = 1_000;

  private static final int SERVE_AGAIN_SECONDS = 30;

  @ParameterizedTest
  @Tag("wide")
  @ValueSource(ints = {2, 5, 20})
  void standstillOfAHome_losesNothing(int seconds, FaultyCluster cluster) {
    try (Trial trial = Trial.begin(cluster, "still-" + seconds)) {
      NodeChild victim = cluster.follower();
      victim.freeze();
      try {
        Await.last(seconds * 1_000L);
      } finally {
        victim.thaw();
      }
      trial.verify();
      assertThat(trial.longestGapSeconds()).isLessThan(Trial.SILENCE_SECONDS_MAX);
    }
  }

  @Test
  void standstillShorterThanALease_failsNoCall(FaultyCluster cluster) {
    cluster.heal();
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    try (CalmCrowd crowd = CalmCrowd.start(cluster.http(), "short-still", seed)) {
      NodeChild victim = cluster.follower();
      for (int i = 0; i < 3; i++) {
        long before = crowd.calls();
        Await.until("calls go on", SERVE_AGAIN_SECONDS, () -> crowd.calls() > before + 100);
        victim.freeze();
        try {
          Await.last(SHORT_MILLIS);
        } finally {
          victim.thaw();
        }
      }
      assertThat(crowd.findings()).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void standstillOfTheLeader_losesNothing(FaultyCluster cluster) {
    try (Trial trial = Trial.begin(cluster, "leader-still")) {
      NodeChild victim = cluster.leader();
      victim.freeze();
      try {
        Await.last(6_000);
      } finally {
        victim.thaw();
      }
      trial.verify();
      assertThat(trial.longestGapSeconds()).isLessThan(Trial.SILENCE_SECONDS_MAX);
    }
  }

  @Test
  void homeWhoseProcessesMovedMeanwhile_noticesAndServesUnderANewRegistration(
      FaultyCluster cluster) {
    try (Trial trial = Trial.begin(cluster, "moved-meanwhile")) {
      NodeChild victim = cluster.follower();
      List<NodeChild> others = cluster.others(victim);
      NodeChild witness = others.getFirst();
      List<String> keys =
          trial.crowd().keys().stream()
              .filter(key -> FaultyCluster.home(witness, key).equals(victim.id()))
              .limit(30)
              .toList();
      assertThat(keys).as("counters at home on %s", victim.id()).hasSizeGreaterThan(10);
      long before = registration(witness, victim);
      victim.freeze();
      try {
        Await.until(
            "what lived on the node that stands still lives elsewhere",
            LIVE_ELSEWHERE_SECONDS,
            () ->
                others.stream()
                    .allMatch(asked ->
                        keys.stream().allMatch(key -> livesElsewhere(asked, key, victim))));
      } finally {
        victim.thaw();
      }
      Await.until(
          "it is a member again, under a new registration",
          SERVE_AGAIN_SECONDS,
          () ->
              registration(witness, victim) > before
                  && registration(victim, victim) == registration(witness, victim));
      Await.until("it serves again", SERVE_AGAIN_SECONDS, victim::isReady);
      trial.verify();
      assertThat(keys)
          .as("homes as %s sees them", victim.id())
          .allMatch(key -> FaultyCluster.home(victim, key).equals(victim.id()));
    }
  }

  private static boolean livesElsewhere(NodeChild asked, String key, NodeChild victim) {
    String home = FaultyCluster.home(asked, key);
    return !home.isEmpty() && !home.equals(victim.id());
  }

  private static long registration(NodeChild asked, NodeChild of) {
    return FaultyCluster.member(asked, of).path("registration").asLong(-1);
  }
}
