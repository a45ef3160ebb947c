package dev.limpet.sim;

import dev.limpet.sim.SimConfig.Fault;
import java.util.EnumSet;
import java.util.Set;

/** Seeds that found something, each with the mixture that it was found in: it stays what it was, whatever seeds mean later. */
enum NamedSeed {
  /** A process was pinned after its shard had been released to a node, and before that was open: its memory was lost. */
  PINNED_BEFORE_ITS_SHARD_IS_OPEN(
      3,
      SimConfig.calm(3)
          .with(EnumSet.of(Fault.MOVES, Fault.DRAIN, Fault.PINS))
          .every(300 * Simulation.MS)
          .lasting(15_000 * Simulation.MS)),

  /**
   * The check of one owner took a machine that had just woken up for one that would begin turns. Found with seed 5222, which
   * is another run by now.
   */
  WOKEN_UP_BEFORE_IT_LOOKED_AT_ITS_CLOCKS(
      598,
      config(
          5,
          2,
          4,
          4,
          10_183,
          1_637,
          0.046157024446262684,
          0.09687319041240085,
          false,
          Fault.SUSPEND)),

  /**
   * A home claimed anew since the answers of its commits were late, and its processes began without their memory. Found with
   * seed 10050, which is another run by now.
   */
  CLAIMED_ANEW_THOUGH_ALL_IS_PLANNED(
      2, config(7, 10, 8, 2, 11_741, 440, 0, 0.005, false, Fault.PINS)),

  /** A call waited behind turns of seconds, and was given up though it only had to be made again. */
  WAITED_BEHIND_LONG_TURNS(
      50_197, config(1, 4, 10, 6, 13_881, 1_614, 0, 0.005, true, Fault.STALL, Fault.LEAVE));

  private final long seed;

  @SuppressWarnings("ImmutableEnumChecker") // a record of values, whose set nobody can change
  private final SimConfig config;

  NamedSeed(long seed, SimConfig config) {
    this.seed = seed;
    this.config = config;
  }

  private static SimConfig config(
      int nodes,
      int shards,
      int keys,
      int clients,
      long chaosMillis,
      long faultEveryMillis,
      double loss,
      double slow,
      boolean roles,
      Fault first,
      Fault... more) {
    Set<Fault> faults = EnumSet.of(first, more);
    return new SimConfig(
        nodes,
        shards,
        keys,
        clients,
        chaosMillis * Simulation.MS,
        faultEveryMillis * Simulation.MS,
        loss,
        slow,
        faults,
        roles);
  }

  Cluster.Outcome run() {
    return Cluster.run(seed, config);
  }
}
