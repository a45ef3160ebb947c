package dev.limpet.core.forming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.forming.Proposal.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FormingTest {
  private static final Ballot FIRST = new Ballot(1, "a1");

  private static Acceptor seed(String node) {
    return Acceptor.empty(new Founder(node, node + "1", node + ":1"));
  }

  private static Step step(int seeds, boolean byOperator, Ballot ballot, Acceptor... answers) {
    Proposal p = new Proposal(ballot, seeds, byOperator);
    for (int i = 0; i < answers.length; i++) {
      p.answered(i, answers[i].prepare(ballot));
    }
    return p.step("fresh");
  }

  @Test
  void allSeeds_empty_formANewClusterOfAll() {
    assertThat(step(3, false, FIRST, seed("a"), seed("b"), seed("c")))
        .isInstanceOfSatisfying(
            Step.Propose.class, s -> assertThat(s.pact().founders()).hasSize(3));
  }

  @Test
  void majority_withoutAnOperator_waits() {
    assertThat(step(3, false, FIRST, seed("a"), seed("b"))).isEqualTo(new Step.Wait(2));
  }

  @Test
  void majority_withAnOperator_formsOfThoseThatAnswered() {
    assertThat(step(3, true, FIRST, seed("a"), seed("b")))
        .isInstanceOfSatisfying(
            Step.Propose.class, s -> assertThat(s.pact().founders()).hasSize(2));
  }

  @Test
  void half_withAnOperator_waits() {
    assertThat(step(4, true, FIRST, seed("a"), seed("b"))).isEqualTo(new Step.Wait(2));
  }

  @Test
  void laterAttempt_goesOnWithWhatWasAccepted() {
    Pact pact = new Pact("old", List.of(seed("a").self(), seed("b").self(), seed("c").self()));
    Acceptor a = seed("a").accept(FIRST, pact);
    assertThat(step(3, true, new Ballot(2, "b1"), a, seed("b"))).isEqualTo(new Step.Propose(pact));
  }

  @Test
  void pactThatNamesALostDisk_isGivenUpOnlyWhenAllHaveAnswered() {
    Founder lost = new Founder("c", "c0", "c:1");
    Pact pact = new Pact("old", List.of(seed("a").self(), seed("b").self(), lost));
    Acceptor a = seed("a").accept(FIRST, pact);
    Ballot next = new Ballot(2, "b1");
    assertThat(step(3, false, next, a, seed("c"))).isEqualTo(new Step.Propose(pact));
    assertThat(step(3, false, next, a, seed("b"), seed("c")))
        .isInstanceOfSatisfying(
            Step.Propose.class, s -> assertThat(s.pact().clusterId()).isEqualTo("fresh"));
  }

  @Test
  void accept_byADiskThatIsNotNamed_isRefused() {
    Pact pact = new Pact("x", List.of(new Founder("a", "a0", "a:1")));
    assertThat(seed("a").accept(FIRST, pact).accepted()).isNull();
  }

  @Test
  void conclude_afterAHigherPromise_isVoid() {
    Pact pact = new Pact("x", List.of(seed("a").self()));
    Acceptor a = seed("a").prepare(FIRST).accept(FIRST, pact).prepare(new Ballot(2, "c1"));
    assertThat(a.conclude(FIRST, pact).formed()).isNull();
  }

  // Many seeds under a bad network.

  @Test
  void anyMix_ofLossAndLostDisksAndProposers_formsOneClusterAtMost() {
    int formed = 0;
    for (long run = 1; run <= 4000; run++) {
      boolean operator = run % 2 == 0;
      World world = new World(run, 3 + (int) (run % 3), operator, !operator, 0);
      assertThat(world.run()).as("seed " + run).isLessThanOrEqualTo(1);
      formed += world.formed().size();
    }
    assertThat(formed).as("runs that formed").isGreaterThan(1000);
  }

  @Test
  void plantedFault_ofTooSmallMajorities_isFound() {
    int worst = 0;
    for (long run = 1; run <= 400; run++) {
      worst = Math.max(worst, new World(run, 4, true, false, 2).run());
    }
    assertThat(worst).isGreaterThan(1);
  }

  /** Seeds, and messages that are lost, late, doubled and out of order. */
  private static final class World {
    private final Random random;
    private final int seeds;
    private final boolean operator;
    private final boolean wipes;
    private final int missed;
    private final Acceptor[] disks;
    private final Map<Integer, Attempt> attempts = new HashMap<>();
    private final List<Runnable> network = new ArrayList<>();
    private int ids;

    private static final class Attempt {
      final Ballot ballot;
      final Proposal proposal;
      final Set<Integer> accepted = new HashSet<>();
      @Nullable Pact pact;

      Attempt(Ballot ballot, Proposal proposal) {
        this.ballot = ballot;
        this.proposal = proposal;
      }
    }

    /** With {@code missed}, majorities are counted as if there were so many seeds fewer. */
    World(long seed, int seeds, boolean operator, boolean wipes, int missed) {
      this.random = new Random(seed);
      this.seeds = seeds;
      this.operator = operator;
      this.wipes = wipes;
      this.missed = missed;
      this.disks = new Acceptor[seeds];
      for (int i = 0; i < seeds; i++) {
        wipe(i);
      }
    }

    private void wipe(int i) {
      disks[i] = Acceptor.empty(new Founder("n" + i, "s" + ++ids, "n" + i + ":1"));
      attempts.remove(i);
    }

    Set<String> formed() {
      Set<String> ids = new HashSet<>();
      for (Acceptor disk : disks) {
        if (disk.formed() != null) {
          ids.add(disk.formed().clusterId());
        }
      }
      return ids;
    }

    /** The most clusters that there were at a time. */
    int run() {
      int most = 0;
      for (int i = 0; i < 400; i++) {
        event();
        most = Math.max(most, formed().size());
      }
      return most;
    }

    private void event() {
      int dice = random.nextInt(100);
      int who = random.nextInt(seeds);
      if (dice < 2) {
        propose(who);
      } else if (dice < 9) {
        go(who);
      } else if (dice < 10) {
        attempts.remove(who);
      } else if (dice < 11 && wipes) {
        wipe(who);
      } else if (dice < 16) {
        ask(who, random.nextInt(seeds));
      } else if (!network.isEmpty()) {
        int which = random.nextInt(network.size());
        Runnable message = network.get(which);
        if (random.nextInt(10) > 0) {
          network.remove(which);
        }
        if (random.nextInt(10) > 0) {
          message.run();
        }
      }
    }

    private void propose(int who) {
      if (disks[who].formed() != null) {
        return;
      }
      Ballot ballot = new Ballot(disks[who].promised().round() + 1, disks[who].self().storage());
      disks[who] = disks[who].prepare(ballot);
      Attempt attempt = new Attempt(ballot, new Proposal(ballot, seeds - missed, operator));
      attempts.put(who, attempt);
      attempt.proposal.answered(who, disks[who]);
      for (int i = 0; i < seeds; i++) {
        int to = i;
        if (to != who) {
          network.add(() -> {
            disks[to] = disks[to].prepare(ballot);
            Acceptor state = disks[to];
            network.add(() -> {
              if (attempts.get(who) == attempt && attempt.pact == null) {
                attempt.proposal.answered(to, state);
              }
            });
          });
        }
      }
    }

    private void go(int who) {
      Attempt attempt = attempts.get(who);
      if (attempt == null || attempt.pact != null) {
        return;
      }
      if (attempt.proposal.step("c" + ++ids) instanceof Step.Propose(Pact pact)) {
        attempt.pact = pact;
        for (int i = 0; i < seeds; i++) {
          int to = i;
          network.add(() -> {
            disks[to] = disks[to].accept(attempt.ballot, pact);
            boolean took = disks[to].acceptedIn(attempt.ballot);
            network.add(() -> {
              if (took && attempts.get(who) == attempt) {
                accepted(who, attempt, to, pact);
              }
            });
          });
        }
      }
    }

    private void accepted(int who, Attempt attempt, int by, Pact pact) {
      attempt.accepted.add(by);
      boolean all =
          pact.founders().stream()
              .allMatch(f -> attempt.accepted.stream().anyMatch(a -> f.node().equals("n" + a)));
      if (all) {
        disks[who] = disks[who].conclude(attempt.ballot, pact);
      }
    }

    private void ask(int who, int whom) {
      Ballot asAsked = disks[who].promised();
      String storage = disks[who].self().storage();
      network.add(() -> {
        Pact pact = disks[whom].formed();
        if (pact != null) {
          network.add(() -> {
            if (disks[who].self().storage().equals(storage)) {
              disks[who] = disks[who].learn(asAsked, pact);
            }
          });
        }
      });
    }
  }
}
