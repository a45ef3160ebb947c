package dev.limpet.sim;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * What is simulated.
 *
 * @param nodes from 1 to 7, all of them voters of both logs
 * @param chaosNanos how long faults are injected; then everything is healed
 * @param faultEveryNanos the mean time between two faults
 * @param loss the share of frames that are lost between nodes
 * @param slow the share of frames and syncs that are slow
 * @param roles whether the type of all processes names a role, which {@code n0} holds and others may hold
 */
record SimConfig(
    int nodes,
    int shards,
    int keys,
    int clients,
    long chaosNanos,
    long faultEveryNanos,
    double loss,
    double slow,
    Set<Fault> faults,
    boolean roles) {

  /** What can happen to a cluster. */
  enum Fault {
    CRASH,
    PAUSE,
    SUSPEND,
    PARTITION,
    ONE_WAY,
    ISOLATE,
    STALL,
    DEPOSE,
    SLOW_DISK,
    LOSS,
    MOVES,
    DRAIN,
    LATE_EXPIRY,
    LEAVE,
    PINS,
    FALSE_REPORT,
    CLOG,
    GROW,
    /** Clocks whose rates are beyond the assumed bound: only what the store's fence holds up is left. */
    WRONG_CLOCKS
  }

  SimConfig {
    // In the order of the kinds: a set of random order would make a run differ from its replay.
    EnumSet<Fault> ordered = EnumSet.noneOf(Fault.class);
    ordered.addAll(faults);
    faults = Collections.unmodifiableSet(ordered);
  }

  static SimConfig calm(int nodes) {
    return new SimConfig(
        nodes,
        6,
        8,
        3,
        10_000 * Simulation.MS,
        1_000 * Simulation.MS,
        0,
        0.01,
        EnumSet.noneOf(Fault.class),
        false);
  }

  /** All faults but wrong clocks, on that many nodes. */
  static SimConfig chaos(int nodes) {
    return calm(nodes)
        .with(EnumSet.complementOf(EnumSet.of(Fault.WRONG_CLOCKS)))
        .lasting(20_000 * Simulation.MS);
  }

  /** A mixture that the seed chooses: one to seven nodes, one to all faults. */
  static SimConfig of(long seed) {
    Random random = new Random(seed ^ 0x5DEECE66DL);
    Set<Fault> faults = EnumSet.noneOf(Fault.class);
    Fault[] all = Fault.values();
    int kinds = random.nextInt(3) == 0 ? all.length * 3 : 1 + random.nextInt(4);
    for (int i = 0; i < kinds; i++) {
      faults.add(all[random.nextInt(all.length)]);
    }
    if (random.nextInt(8) > 0) {
      faults.remove(Fault.WRONG_CLOCKS);
    }
    return new SimConfig(
        random.nextInt(10) == 0 ? 6 + random.nextInt(2) : 1 + random.nextInt(5),
        1 + random.nextInt(12),
        1 + random.nextInt(10),
        1 + random.nextInt(6),
        (8_000L + random.nextInt(14_000)) * Simulation.MS,
        (250L + random.nextInt(2_500)) * Simulation.MS,
        random.nextInt(3) == 0 ? random.nextDouble() * 0.05 : 0,
        random.nextInt(3) == 0 ? random.nextDouble() * 0.1 : 0.005,
        faults,
        random.nextInt(4) == 0);
  }

  /** Whether all that happens is what operators plan, and keeps the memory. */
  boolean isPlanned() {
    return loss == 0
        && slow <= 0.01
        && EnumSet.of(Fault.MOVES, Fault.DRAIN, Fault.PINS).containsAll(faults);
  }

  /** Whether every clock's rate is within the assumed bound; else only the store's fence holds. */
  boolean clocksAreRight() {
    return !faults.contains(Fault.WRONG_CLOCKS);
  }

  SimConfig with(Set<Fault> chosen) {
    return new SimConfig(
        nodes, shards, keys, clients, chaosNanos, faultEveryNanos, loss, slow, chosen, roles);
  }

  SimConfig withRoles() {
    return new SimConfig(
        nodes, shards, keys, clients, chaosNanos, faultEveryNanos, loss, slow, faults, true);
  }

  /** The common shards and, if there is a role, those of the one type. */
  int allShards() {
    return roles ? shards + Math.max(1, shards / 4) : shards;
  }

  SimConfig every(long nanos) {
    return new SimConfig(
        nodes, shards, keys, clients, chaosNanos, nanos, loss, slow, faults, roles);
  }

  SimConfig lasting(long nanos) {
    return new SimConfig(
        nodes, shards, keys, clients, nanos, faultEveryNanos, loss, slow, faults, roles);
  }
}
