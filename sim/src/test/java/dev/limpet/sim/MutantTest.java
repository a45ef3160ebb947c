package dev.limpet.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.fence.Fence;
import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.node.Membership;
import dev.limpet.sim.SimConfig.Fault;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules broken on purpose, one at a time: the simulator's checks count only if they find each of them. */
@Timeout(120)
class MutantTest {
  private static final int SEEDS = 60;

  /** Runs until a promise is found broken; the message says which. */
  private static String caught(Supplier<Seams> mutant, int nodes, Fault... faults) {
    Set<Fault> chosen =
        faults.length == 0 ? EnumSet.allOf(Fault.class) : EnumSet.of(faults[0], faults);
    return caught(mutant, SimConfig.chaos(nodes).with(chosen).every(400 * Simulation.MS));
  }

  private static String caught(Supplier<Seams> mutant, SimConfig config) {
    for (int seed = 1; seed <= SEEDS; seed++) {
      try {
        Cluster.run(seed, config, mutant.get(), line -> {});
      } catch (Cluster.Failure found) {
        String what = found.getMessage().lines().findFirst().orElse("");
        System.getLogger("sim").log(System.Logger.Level.INFO, "seed " + seed + ": " + what);
        return what;
      }
    }
    throw new AssertionError("no seed up to " + SEEDS + " found the mutant");
  }

  @Test
  void leaseCountedFromTheReceipt() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      boolean holds(Membership m, long now, long lastAcknowledgedAt) {
                        return m.registration() != 0
                            && lastAcknowledgedAt != Long.MIN_VALUE
                            && now - lastAcknowledgedAt < 900 * Simulation.MS;
                      }
                    },
                3,
                Fault.ISOLATE,
                Fault.PAUSE,
                Fault.SLOW_DISK))
        .contains("begins a turn");
  }

  @Test
  void suspendNotNoticed() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      boolean comparesClocks() {
                        return false;
                      }
                    },
                3,
                Fault.SUSPEND))
        .contains("begins a turn");
  }

  @Test
  void expiryNotOvertakenByARenewal() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      Command entry(Command c) {
                        return c instanceof Command.Expire e
                            ? new Command.Expire(e.node(), e.registration(), Long.MAX_VALUE)
                            : c;
                      }
                    },
                3,
                Fault.LATE_EXPIRY))
        .contains("begins a turn");
  }

  @Test
  void fenceIgnoresTheClaimNumber() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      PartDecision part(Fence fence, SimStore.Entry.Part p) {
                        return p.epoch() == fence.epoch()
                            ? PartDecision.ACCEPTED
                            : PartDecision.FENCED;
                      }

                      @Override
                      Fence accepted(Fence f, SimStore.Entry.Part p) {
                        return new Fence(
                            f.epoch(),
                            f.number(),
                            f.owner(),
                            Math.max(f.lastSequence(), p.sequence()),
                            f.earlier(),
                            f.former());
                      }
                    },
                3))
        .containsAnyOf("stands", "saved twice");
  }

  @Test
  void fenceIgnoresTheEpoch() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      PartDecision part(Fence fence, SimStore.Entry.Part p) {
                        return PartDecision.ACCEPTED;
                      }

                      @Override
                      Fence accepted(Fence f, SimStore.Entry.Part p) {
                        return f;
                      }
                    },
                3))
        .containsAnyOf("stands", "saved twice");
  }

  @Test
  void replyBeforeTheCommit() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      boolean repliesAfterSave() {
                        return false;
                      }
                    },
                3))
        .contains("before it is saved");
  }

  @Test
  void loadFromAReplicaThatIsBehindTheClaim() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      long loadFrom(long readFrom) {
                        return 0;
                      }
                    },
                3))
        .contains("op");
  }

  @Test
  void renouncedShardServesOn() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      Tenure tenure(Tenure t) {
                        return switch (t) {
                          case Tenure.Renounced r -> r.open();
                          case Tenure.Freezing f -> f.open();
                          case Tenure.Away a -> a;
                          case Tenure.Claiming c -> c;
                          case Tenure.Open o -> o;
                        };
                      }
                    },
                3,
                Fault.MOVES,
                Fault.CRASH))
        .containsAnyOf("begins a turn", "after the shard was renounced");
  }

  @Test
  void fencedAnswerToARepeatTakenForNotRun() {
    Seams mutant =
        new Seams() {
          @Override
          boolean fencedAfterRepeatIsUnknown() {
            return false;
          }
        };
    String found = "";
    for (int seed = 1; seed <= 300; seed++) {
      assertThat(lostAnswerThenExpiry(seed, new Seams())).as("seed " + seed).isEmpty();
      found = found.isEmpty() ? lostAnswerThenExpiry(seed, mutant) : found;
    }
    assertThat(found).contains("did not run");
  }

  /**
   * A home commits at the very end of its lease, the answer is lost, another home claims the shard, and the commit that
   * is sent again finds the fence, before the former home's view shows why.
   */
  private static String lostAnswerThenExpiry(long seed, Seams seams) {
    Cluster c = new Cluster(seed, SimConfig.calm(3), seams, line -> {});
    c.start();
    Simulation sim = c.sim();
    sim.runUntil(6_000 * Simulation.MS);
    int ledger = c.ledger().leader();
    int store = c.store().leader();
    int home = 3 - ledger - store;
    if (ledger == store) {
      return "";
    }
    long begin = sim.now();
    c.net().cut(home, ledger, true);
    c.ledger().stall(home, true);
    for (int k = 0; k < c.config().keys(); k++) {
      String key = "k" + k;
      sim.after(
          sim.between(600 * Simulation.MS, 850 * Simulation.MS),
          () ->
              SimClient.call(
                  c, c.node(home), Op.Kind.ADD, key, "", 3_000 * Simulation.MS, answer -> {}));
    }
    sim.after(620 * Simulation.MS, () -> c.net().cut(store, home, true));
    sim.after(1_150 * Simulation.MS, () -> c.net().cut(store, home, false));
    try {
      sim.runUntil(begin + 5_000 * Simulation.MS);
      return "";
    } catch (Checks.Violation v) {
      return String.valueOf(v.getMessage());
    }
  }

  @Test
  void turnBeginsWithoutALease() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      boolean holds(Membership m, long now, long lastAcknowledgedAt) {
                        return m.registration() != 0;
                      }
                    },
                3,
                Fault.ISOLATE))
        .contains("begins a turn");
  }

  @Test
  void ledgerTakesEveryNodeForOneThatHoldsTheRole() {
    Seams mutant =
        new Seams() {
          @Override
          Command entry(Command c) {
            return c instanceof Command.Join join ? join.holding(Set.of(Cluster.ROLE)) : c;
          }
        };
    SimConfig config = SimConfig.chaos(3).withRoles().every(400 * Simulation.MS);
    assertThat(caught(() -> mutant, config)).contains("does not hold the role");
  }

  @Test
  void portThatDoesNotAnswerTakenForOneThatRefuses() {
    assertThat(
            caught(
                () ->
                    new Seams() {
                      @Override
                      boolean takesSilenceForARefusal() {
                        return true;
                      }
                    },
                3,
                Fault.ONE_WAY,
                Fault.ISOLATE))
        .contains("begins a turn");
  }
}
