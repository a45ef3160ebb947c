package dev.limpet.core.ledger;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import java.util.Map;
import java.util.TreeMap;

/**
 * What it would cost to move the shards that one node serves, by its own word: how many processes of each are in memory
 * there. A shard without any is left out: it is idle, and moves for nothing.
 */
public record ShardCosts(Map<Integer, Integer> processes) {
  public static final ShardCosts NONE = new ShardCosts(Map.of());

  /** Rather than that many shards, none is told of. */
  private static final int SHARDS_MAX = 1 << 16;

  public ShardCosts {
    processes = Map.copyOf(processes);
  }

  /** How many processes of a shard are in memory. */
  public int of(int shard) {
    return processes.getOrDefault(shard, 0);
  }

  public void encode(ByteWriter out) {
    Map<Integer, Integer> told =
        processes.size() > SHARDS_MAX ? Map.of() : new TreeMap<>(processes);
    out.number(told.size());
    told.forEach((shard, count) -> out.number(shard).number(count));
  }

  /** Reads what {@link #encode} wrote; {@link ByteReader.Malformed} if it is something else. */
  public static ShardCosts decode(ByteReader in) {
    Map<Integer, Integer> processes = new TreeMap<>();
    int count = in.count(SHARDS_MAX);
    for (int i = 0; i < count; i++) {
      processes.put(in.count(Integer.MAX_VALUE), in.count(Integer.MAX_VALUE));
    }
    return new ShardCosts(processes);
  }
}
