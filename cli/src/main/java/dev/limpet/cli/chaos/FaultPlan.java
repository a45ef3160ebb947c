package dev.limpet.cli.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The faults of a run, one after the other without an end, drawn from a seed: the same seed, kinds and number of nodes
 * give the same faults. Every kind comes once before any comes again. For one thread.
 */
final class FaultPlan {
  private static final long SHORT_MILLIS = 1_000;
  private static final long LEASE_MILLIS = 3_000;
  private static final long HOLD_MILLIS_MIN = 4_000;
  private static final int HOLD_MILLIS_SPREAD = 8_000;
  private static final long CALM_MILLIS_MIN = 1_000;
  private static final int CALM_MILLIS_SPREAD = 4_000;
  private static final int LEADER_ONE_IN = 3;
  private static final int PAIR_ONE_IN = 4;

  private final Set<FaultKind> kinds;
  private final int nodes;
  private final Random random;
  private final Deque<FaultKind> deck = new ArrayDeque<>();

  /**
   * One fault.
   *
   * @param node whom it befalls, from 1; 0 for the node that leads the ledger at that time
   * @param strength from 0 to 2: how bad, or which variant, of those that its kind has
   * @param holdMillis how long it lasts
   */
  record Planned(FaultKind kind, int node, int strength, long holdMillis) {}

  /** Faults that go on at the same time, one or two, and how long nothing happens before they begin. */
  record Step(List<Planned> faults, long calmMillis) {
    Step {
      faults = List.copyOf(faults);
    }
  }

  FaultPlan(long seed, Set<FaultKind> kinds, int nodes) {
    if (kinds.isEmpty() || nodes < 1) {
      throw new IllegalArgumentException("no kinds of faults, or no nodes");
    }
    this.kinds = EnumSet.copyOf(kinds);
    this.nodes = nodes;
    this.random = new Random(seed);
  }

  Step next() {
    long calm = CALM_MILLIS_MIN + random.nextInt(CALM_MILLIS_SPREAD);
    List<Planned> faults = new ArrayList<>();
    faults.add(draw());
    boolean pair = random.nextInt(PAIR_ONE_IN) == 0;
    refill();
    FaultKind second = deck.peek();
    FaultKind first = faults.getFirst().kind();
    if (pair && second != null && second != first && second.mixes() && first.mixes()) {
      faults.add(draw());
    }
    return new Step(faults, calm);
  }

  private Planned draw() {
    refill();
    FaultKind kind = deck.remove();
    boolean leads = kind == FaultKind.LEADER || random.nextInt(LEADER_ONE_IN) == 0;
    int node = leads ? 0 : 1 + random.nextInt(nodes);
    int strength = random.nextInt(3);
    long hold = HOLD_MILLIS_MIN + random.nextInt(HOLD_MILLIS_SPREAD);
    if (kind == FaultKind.STOP || kind == FaultKind.HANG) {
      hold = strength == 0 ? SHORT_MILLIS : strength == 1 ? LEASE_MILLIS : hold + LEASE_MILLIS;
    }
    return new Planned(kind, node, strength, hold);
  }

  private void refill() {
    if (deck.isEmpty()) {
      List<FaultKind> shuffled = new ArrayList<>(kinds);
      Collections.shuffle(shuffled, random);
      deck.addAll(shuffled);
    }
  }
}
