package dev.limpet.sim;

import dev.limpet.core.forming.Acceptor;
import dev.limpet.core.forming.Ballot;
import dev.limpet.core.forming.Founder;
import dev.limpet.core.forming.Pact;
import dev.limpet.core.forming.Proposal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brand-new seeds that agree on a cluster (rule 8) over a network that loses, delays, doubles and mixes up messages, with
 * proposers that die, and either disks that are emptied or an operator's word for a majority. In the end all is well, and
 * all must belong to one cluster.
 */
final class Founding {
  private static final int EVENTS = 400;
  private static final int ROUNDS_MAX = 60;

  private final Random random;
  private final int seeds;
  private final boolean byOperator;
  private final Acceptor[] disks;
  private final TreeMap<Integer, Attempt> attempts = new TreeMap<>();
  private final List<Runnable> network = new ArrayList<>();
  private int ids;

  private static final class Attempt {
    final Ballot ballot;
    final Proposal proposal;
    final Set<Founder> accepted = new HashSet<>();
    @Nullable Pact pact;

    Attempt(Ballot ballot, Proposal proposal) {
      this.ballot = ballot;
      this.proposal = proposal;
    }
  }

  private Founding(long seed) {
    this.random = new Random(seed * 0x9E3779B97F4A7C15L + 2);
    this.seeds = 1 + random.nextInt(6);
    this.byOperator = random.nextBoolean();
    this.disks = new Acceptor[seeds];
    for (int i = 0; i < seeds; i++) {
      empty(i);
    }
  }

  /** Throws {@link Checks.Violation} if there ever were two clusters, or none in the end. */
  static void run(long seed) {
    Founding f = new Founding(seed);
    for (int i = 0; i < EVENTS; i++) {
      f.event();
      Checks.that(f.clusters().size() <= 1, "two clusters were formed: " + f.clusters());
    }
    f.heal();
  }

  private Set<String> clusters() {
    Set<String> formed = new TreeSet<>();
    for (Acceptor disk : disks) {
      if (disk.formed() != null) {
        formed.add(disk.formed().clusterId());
      }
    }
    return formed;
  }

  private void empty(int i) {
    disks[i] = Acceptor.empty(new Founder("n" + i, "s" + ++ids, "n" + i + ":1"));
    attempts.remove(i);
  }

  private void event() {
    int dice = random.nextInt(100);
    int who = random.nextInt(seeds);
    if (dice < 2) {
      attempt(who);
    } else if (dice < 9) {
      goOn(who);
    } else if (dice < 10) {
      // Its process dies; what it promised and accepted is on its disk.
      attempts.remove(who);
    } else if (dice < 11 && !byOperator) {
      empty(who);
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

  private void heal() {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      for (int i = 0; i < seeds; i++) {
        for (int other = 0; other < seeds; other++) {
          ask(i, other);
        }
        deliverAll();
        attempt(i);
        deliverAll();
        goOn(i);
        deliverAll();
      }
    }
    Checks.that(clusters().size() <= 1, "two clusters were formed: " + clusters());
    for (Acceptor disk : disks) {
      Checks.that(
          disk.formed() != null,
          disk.self() + " belongs to no cluster though all is well: " + clusters());
    }
  }

  private void deliverAll() {
    while (!network.isEmpty()) {
      network.removeFirst().run();
    }
  }

  private void attempt(int who) {
    if (disks[who].formed() != null) {
      return;
    }
    Ballot ballot = new Ballot(disks[who].promised().round() + 1, disks[who].self().storage());
    disks[who] = disks[who].prepare(ballot);
    Attempt attempt = new Attempt(ballot, new Proposal(ballot, seeds, byOperator));
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

  private void goOn(int who) {
    Attempt attempt = attempts.get(who);
    if (attempt == null
        || attempt.pact != null
        || !(attempt.proposal.step("c" + ++ids) instanceof Proposal.Step.Propose(Pact pact))) {
      return;
    }
    attempt.pact = pact;
    for (int i = 0; i < seeds; i++) {
      int to = i;
      network.add(() -> {
        disks[to] = disks[to].accept(attempt.ballot, pact);
        Acceptor state = disks[to];
        network.add(() -> {
          if (state.acceptedIn(attempt.ballot) && attempts.get(who) == attempt) {
            accepted(who, attempt, state.self(), pact);
          }
        });
      });
    }
  }

  private void accepted(int who, Attempt attempt, Founder by, Pact pact) {
    attempt.accepted.add(by);
    if (pact.founders().stream().allMatch(f -> attempt.accepted.stream().anyMatch(f::is))) {
      disks[who] = disks[who].conclude(attempt.ballot, pact);
    }
  }

  private void ask(int who, int whom) {
    Ballot asAsked = disks[who].promised();
    Founder asker = disks[who].self();
    network.add(() -> {
      Pact pact = disks[whom].formed();
      if (pact != null) {
        network.add(() -> {
          if (disks[who].self().is(asker)) {
            disks[who] = disks[who].learn(asAsked, pact);
          }
        });
      }
    });
  }
}
