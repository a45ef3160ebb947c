package dev.limpet.core.ledger;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What it would cost to move the shards that one node serves, by its own word: how many processes of each are in memory
 * there. A shard without any is left out: it is idle, and moves for nothing.
 */
public record ShardCosts(SortedMap<Integer, Integer> processes) {
  public static final ShardCosts NONE = new ShardCosts(new TreeMap<>());

  /** Rather than that many shards, none is told of. */
  private static final int SHARDS_MAX = 1 << 16;

  public ShardCosts {
    processes = Collections.unmodifiableSortedMap(new TreeMap<>(processes));
  }

  /** How many processes of a shard are in memory. */
  public int of(int shard) {
    return processes.getOrDefault(shard, 0);
  }

  public void encode(ByteWriter out) {
    SortedMap<Integer, Integer> told = processes.size() > SHARDS_MAX ? new TreeMap<>() : processes;
    out.number(told.size());
    told.forEach((shard, count) -> out.number(shard).number(count));
  }

  /** Reads what {@link #encode} wrote; {@link ByteReader.Malformed} if it is something else. */
  public static ShardCosts decode(ByteReader in) {
    SortedMap<Integer, Integer> processes = new TreeMap<>();
    int count = in.count(SHARDS_MAX);
    for (int i = 0; i < count; i++) {
      processes.put(in.count(Integer.MAX_VALUE), in.count(Integer.MAX_VALUE));
    }
    return new ShardCosts(processes);
  }
}
