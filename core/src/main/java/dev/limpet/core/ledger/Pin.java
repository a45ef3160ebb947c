package dev.limpet.core.ledger;

import dev.limpet.ProcessId;

/**
 * A process with a home of its own: a shard of this one process, numbered above the hashed shards.
 *
 * @param number never used again after the pin has ended
 * @param hashed the shard that the process belongs to while it has no pin, and that its rows are saved under
 * @param ending whether it is on its way back: it moves to the home of its hashed shard, which then takes it in
 * @param at where it is at home; its preferred node is the one it was pinned to
 */
public record Pin(int number, ProcessId id, int hashed, boolean ending, ShardHome at) {
  /** How many processes may have a home of their own. */
  public static final int COUNT_MAX = 10_000;

  Pin at(ShardHome now) {
    return new Pin(number, id, hashed, ending, now);
  }

  Pin end() {
    return new Pin(number, id, hashed, true, at);
  }
}
